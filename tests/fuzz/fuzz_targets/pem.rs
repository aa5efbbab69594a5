//! Every reader of PEM and DER, and an authority loaded from the same bytes. The first byte chooses what they are
//! given as: PEM as it stands, or DER that is wrapped here, so that the fuzzer need not learn base64.
#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use rotation::pki::authority::Authority;
use rotation::pki::certificate::Certificate;
use rotation::pki::error::Source;
use rotation::pki::key::PrivateKey;
use rotation::pki::trust_bundle::TrustBundle;

fuzz_target!(|input: &[u8]| {
    let origin = Source::new("fuzz");
    let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let Some((&choice, rest)) = input.split_first() else { return };
    if choice & 1 == 0 {
        let _ = Certificate::all_from_pem(rest, &origin);
        let _ = TrustBundle::from_pem(rest, &origin);
        let _ = PrivateKey::from_pem(rest, &origin);
        let _ = Authority::load(&[(rest, origin.clone())], (rest, origin.clone()), now);
        // Certificates before a zero byte, the key behind it.
        let mut parts = rest.splitn(2, |&byte| byte == 0);
        if let (Some(certificates), Some(key)) = (parts.next(), parts.next()) {
            let _ = Authority::load(&[(certificates, origin.clone())], (key, origin), now);
        }
    } else if let Ok(certificate) = Certificate::from_der(rest, &origin) {
        assert_eq!(certificate.der(), rest);
        let again = Certificate::all_from_pem(certificate.to_pem().as_bytes(), &origin).expect("what we wrote");
        assert_eq!(again, [certificate]);
    }
});
