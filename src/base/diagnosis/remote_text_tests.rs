//! What passes, and what does not.

use proptest::prelude::*;

use super::*;

fn shown(text: &str) -> String {
    RemoteText::new(text).to_string()
}

/// A P-256 key as PEM, made for this test.
const PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZ1mUxqO3l5o2M6Yw\n\
    qVqz5b8d0aQ5m5cQm0N1o9o1m1ahRANCAATm7vS1k0q3y5P0pVq3c2s7b2Jk0fQh\n\
    -----END PRIVATE KEY-----\n";
/// The start of the same key as a Secret holds it.
const ENCODED: &str = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JR0hBZ0VBTUJNR0J5cUdTTTQ5QWdFRw==";
const HEX: &str = "6759d4c6a3b7979a3633a630a95ab3e5bf1dd1a4399b97109b4375a3da359b56";

#[test]
fn what_people_need_to_read_stays_as_it_is() {
    for text in [
        "secrets \"postgres-tls\" is forbidden: User \"system:serviceaccount:backstage:newleaf\" cannot get resource \"secrets\" in API group \"\"",
        "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector",
        "container web: ImagePullBackOff: Back-off pulling image \"registry.example.org/team/app:1.2.3\"",
        "MountVolume.SetUp failed for volume \"tls\" : secret \"postgres-tls\" not found",
        "pod backstage-7c9d5b8f4d-x2x4z of 6c1f0a3e-1f5b-4c6e-9d3a-0f1e2d3c4b5a",
        "serial 7388263284ae0f1e2d3c4b5a69788796, until 2026-12-21T03:17:01Z",
        "FATAL: no pg_hba.conf entry for host \"10.0.0.7\", user \"postgres\", database \"postgres\", SSL encryption",
        "cipher ECDHE-ECDSA-AES128-GCM-SHA256 of /api/v1/namespaces/backstage/secrets/newleaf-authority",
        "Fehler in Zeile 3: Schlüssel fehlt",
        "  server's leaf   due in 30 d",
    ] {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn whatever_may_be_a_key_is_removed() {
    let token = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEyMyJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJlMTIzNDU2Nzg5MA";
    let pairs = "67:59:d4:c6:a3:b7:97:9a:36:33:a6:30:a9:5a:b3:e5";
    for (text, expected) in [
        (format!("cannot read {PEM}, sorry"), "cannot read [removed] , sorry".to_owned()),
        (format!("cut off: {}", &PEM[..90]), "cut off: [removed]".to_owned()),
        (PEM.replace('\n', "\\n"), "[removed]\\n".to_owned()),
        (format!("{{\"tls.key\":\"{ENCODED}\"}}"), "{\"tls.key\":\"[removed]\"}".to_owned()),
        (format!("key {HEX}."), "key [removed].".to_owned()),
        (format!("priv: {pairs} end"), "priv: [removed] end".to_owned()),
        (format!("Authorization: Bearer {token}"), "Authorization: Bearer [removed]".to_owned()),
        (format!("token {token}"), "token [removed].[removed].[removed]".to_owned()),
        ("host=db password=hunter2 user=x".to_owned(), "host=db password=[removed] user=x".to_owned()),
        ("?access_token=abc&x=y".to_owned(), "?access_token=[removed]&x=y".to_owned()),
        ("Bearer abcdefghijklmnopqrst".to_owned(), "Bearer [removed]".to_owned()),
    ] {
        assert_eq!(shown(&text), expected, "{text}");
    }
}

#[test]
fn nothing_in_it_steers_a_terminal() {
    assert_eq!(
        shown("\u{1b}[2J\u{1b}]0;owned\u{7} boo\r\n\terror[NL9999]: fake"),
        "[2J]0;owned boo   error[NL9999]: fake"
    );
    assert_eq!(shown("a\u{202e}b\u{2066}c\u{200f}d\u{feff}e\u{85}f"), "abcde f");
}

#[test]
fn a_character_without_width_does_not_hide_a_key() {
    let (start, end) = HEX.split_at(30);
    assert_eq!(shown(&format!("{start}\u{200b}{end}")), "[removed]");
}

#[test]
fn it_is_never_longer_than_it_may_be() {
    assert_eq!(shown("short"), "short");
    let long = shown(&"word ".repeat(1_000_000));
    assert_eq!(long.chars().count(), RemoteText::LENGTH_MAX);
    assert!(long.ends_with("wo..."), "{long}");
    assert_eq!(RemoteText::within("abcdefgh", 6).as_str(), "abc...");
    assert_eq!(RemoteText::from_bytes(&vec![b' '; 100_000]).as_str(), "...");
    assert_eq!(RemoteText::from_bytes(b"caf\xe9").as_str(), "caf\u{fffd}");
}

#[test]
fn half_a_key_at_the_end_of_what_is_examined_does_not_pass() {
    // All that comes before it is removed, so there would be room to show it.
    let removed = format!("{HEX} ").repeat(61);
    let text = format!("{removed}{}{HEX}{HEX}", " ".repeat(RemoteText::LENGTH_MAX * EXAMINED - 20 - removed.len()));
    assert!(!shown(&text).contains(&HEX[..8]), "{}", shown(&text));
}

#[test]
fn the_causes_of_an_error_are_told_once_and_in_one_line() {
    #[derive(Debug, thiserror::Error)]
    #[error("failed to read\nit")]
    struct Outer(#[source] std::io::Error);
    let error = Outer(std::io::Error::other(format!("the server said {HEX}")));
    assert_eq!(RemoteText::from_error(&error).as_str(), "failed to read it: the server said [removed]");
}

#[test]
fn it_is_cleaned_when_it_is_read_and_debugging_shows_no_more() {
    let read: RemoteText = serde_json::from_str(&format!("\"key {HEX}\\u001b\"")).expect("a text");
    assert_eq!(format!("{read} {read:?}"), "key [removed] \"key [removed]\"");
    assert_eq!(serde_json::to_string(&read).expect("JSON"), "\"key [removed]\"");
}

/// Keys of 32 bytes, as they are written down.
fn key() -> impl Strategy<Value = String> {
    use base64ct::{Base64, Base64Unpadded, Base64Url, Encoding};
    let bytes = proptest::collection::vec(any::<u8>(), 32..256);
    (bytes, 0..4u8).prop_map(|(bytes, form)| match form {
        0 => Base64::encode_string(&bytes),
        1 => Base64Unpadded::encode_string(&bytes),
        2 => Base64Url::encode_string(&bytes),
        _ => bytes
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect(),
    })
}

proptest! {
    #[test]
    fn no_planted_key_passes(before in "[^A-Za-z0-9+/_-]{0,20}", key in key(), after in "[^A-Za-z0-9+/_-]{0,20}") {
        let shown = shown(&format!("{before}{key}{after}"));
        for piece in key.as_bytes().windows(16) {
            let piece = std::str::from_utf8(piece).expect("it is ASCII");
            prop_assert!(!shown.contains(piece), "{} shows {}", shown, piece);
        }
    }

    #[test]
    fn cleaning_it_twice_changes_nothing(text in "\\PC{0,80}|[a-zA-Z0-9=:+/ -]{0,700}", length in 20..600usize) {
        let once = RemoteText::within(&text, length);
        prop_assert!(once.as_str().chars().count() <= length);
        prop_assert_eq!(&RemoteText::within(once.as_str(), length), &once);
    }

    #[test]
    fn nothing_unprintable_passes(text in any::<String>()) {
        prop_assert!(!shown(&text).chars().any(|character| character.is_control() || is_invisible(character)));
    }
}
