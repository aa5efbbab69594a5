//! PEM (RFC 7468) as it occurs in practice: CRLF, a byte order mark, text around the blocks, no final newline.

use base::diagnosis::Code;
use base64ct::{Base64, Encoding};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use zeroize::Zeroizing;

use crate::pki::error::{PkiError, Source};

/// The largest certificate file, in bytes.
pub const CERTIFICATES_SIZE_MAX: usize = 64 * 1024;
/// The largest key file, in bytes. A PKCS#8 key of 4096 bits takes 3 300.
pub const KEY_SIZE_MAX: usize = 16 * 1024;
/// The largest number of certificates in a chain or bundle.
pub const CERTIFICATES_MAX: usize = 32;

const CERTIFICATE: &str = "CERTIFICATE";

/// A block of the input: its label, and its lines from BEGIN to END.
struct Block<'a> {
    label: &'a str,
    lines: &'a str,
}

impl Block<'_> {
    /// Whether the block has headers (RFC 1421). Tools write them only for encryption.
    fn has_headers(&self) -> bool {
        self.lines.lines().skip(1).any(|line| line.contains(':'))
    }

    fn is_key(&self) -> bool {
        self.label.ends_with("PRIVATE KEY")
    }
}

/// Every certificate of the input, at least one, as DER. It refuses keys beside certificates, because many users can read
/// a file of certificates.
pub(super) fn certificates(input: &[u8], origin: &Source) -> Result<Vec<Vec<u8>>, PkiError> {
    let blocks = blocks(input, CERTIFICATES_SIZE_MAX, origin)?;
    if blocks.iter().any(Block::is_key) {
        let reason = "it contains a private key where only certificates belong";
        return Err(PkiError::unreadable(Code::PemMissing, origin, reason));
    }
    let certificates: Vec<_> = blocks.iter().filter(|block| is_certificate(block.label)).collect();
    if certificates.is_empty() {
        return Err(missing(input, &blocks, "certificate", origin));
    }
    if certificates.len() > CERTIFICATES_MAX {
        let reason = format!("it contains {} certificates; the limit is {CERTIFICATES_MAX}", certificates.len());
        return Err(PkiError::unreadable(Code::TooManyCertificates, origin, reason));
    }
    certificates.into_iter().map(|block| Ok(decode(block, origin)?.to_vec())).collect()
}

/// Whether the label means a certificate. Some tools still write OpenSSL's older label.
fn is_certificate(label: &str) -> bool {
    matches!(label, CERTIFICATE | "X509 CERTIFICATE")
}

/// The format of a private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyFormat {
    /// PKCS#8 (RFC 5958).
    Pkcs8,
    /// SEC1 (RFC 5915).
    Sec1,
    /// PKCS#1 (RFC 8017).
    Pkcs1,
}

pub(super) fn private_key(input: &[u8], origin: &Source) -> Result<(KeyFormat, Zeroizing<Vec<u8>>), PkiError> {
    let blocks = blocks(input, KEY_SIZE_MAX, origin)?;
    let keys: Vec<_> = blocks.iter().filter(|block| block.is_key()).collect();
    let block = match keys.as_slice() {
        [] => return Err(missing(input, &blocks, "private key", origin)),
        [block] => *block,
        _ => {
            let reason = format!("it contains {} private keys", keys.len());
            return Err(PkiError::unreadable(Code::KeyAmbiguous, origin, reason));
        }
    };
    if block.label == "ENCRYPTED PRIVATE KEY" || block.has_headers() {
        return Err(PkiError::unreadable(Code::KeyEncrypted, origin, "the private key is encrypted"));
    }
    let format = match block.label {
        "PRIVATE KEY" => KeyFormat::Pkcs8,
        "EC PRIVATE KEY" => KeyFormat::Sec1,
        "RSA PRIVATE KEY" => KeyFormat::Pkcs1,
        _ => {
            let reason = "a private key of this form is not supported (PKCS#8, SEC1 and PKCS#1 are)";
            return Err(PkiError::unreadable(Code::KeyKindUnsupported, origin, reason));
        }
    };
    Ok((format, decode(block, origin)?))
}

/// The error for an input without the wanted kind.
fn missing(input: &[u8], blocks: &[Block<'_>], wanted: &str, origin: &Source) -> PkiError {
    let reason = if input.trim_ascii().is_empty() {
        format!("it is empty; newleaf expects a {wanted} in PEM")
    } else if blocks.is_empty() {
        let der = if input.first() == Some(&0x30) { " (it looks like DER)" } else { "" };
        format!("it contains no PEM block{der}; newleaf expects a {wanted}")
    } else if blocks.iter().any(|block| is_certificate(block.label)) {
        format!("it contains a certificate; newleaf expects a {wanted}")
    } else {
        format!("it contains no {wanted}")
    };
    PkiError::unreadable(Code::PemMissing, origin, reason)
}

/// Every block. A block without its END line is an error. Any text in any encoding may be before, between and after the
/// blocks (RFC 7468, 2: "parsers MUST NOT malfunction"); a block itself is ASCII.
fn blocks<'a>(input: &'a [u8], size_max: usize, origin: &Source) -> Result<Vec<Block<'a>>, PkiError> {
    if input.len() > size_max {
        let reason = format!("it has {} bytes; the limit is {size_max}", input.len());
        return Err(PkiError::unreadable(Code::InputTooLarge, origin, reason));
    }
    let mut rest = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    let mut blocks = Vec::new();
    while let Some(start) = find_line(rest, b"-----BEGIN ") {
        let found = rest.get(start..).unwrap_or_default();
        let (block, following) =
            block(found).map_err(|reason| PkiError::unreadable(Code::PemBroken, origin, reason))?;
        blocks.push(block);
        rest = following;
    }
    Ok(blocks)
}

/// The block at the start of the input, and the rest. The error is a clause.
fn block(input: &[u8]) -> Result<(Block<'_>, &[u8]), &'static str> {
    let label = label(first_line(input), "-----BEGIN ").ok_or_else(|| why_no_line(first_line(input)))?;
    let begin = first_line(input).len();
    let (_, after) = input.split_at_checked(begin).ok_or("a block is cut off after its BEGIN line")?;
    if after.is_empty() {
        return Err("a block is cut off after its BEGIN line");
    }
    let end = find_line(after, b"-----").ok_or("a block has no END line")?;
    let (_, end_line) = after.split_at_checked(end).ok_or("a block has no END line")?;
    let end_line = first_line(end_line);
    if self::label(end_line, "-----END ") != Some(label) {
        return Err(why_no_line(end_line));
    }
    let (lines, following) = input.split_at_checked(begin + end + end_line.len()).ok_or("a block is cut off")?;
    let lines = str::from_utf8(lines).ok().filter(|lines| lines.is_ascii());
    Ok((Block { label, lines: lines.ok_or("a block contains characters other than ASCII")? }, following))
}

/// Why a BEGIN or END line is broken, as far as the cause is known.
fn why_no_line(line: &[u8]) -> &'static str {
    let holds = |part: &[u8]| line.windows(part.len()).any(|window| window == part);
    if holds(b"\\n") {
        "its line breaks are written out as \\n; they must be real ones"
    } else if holds(b"-----\r-----") || holds(b"-----\rM") {
        "its lines end with CR alone; LF or CR LF is needed"
    } else if holds(b"----------BEGIN") {
        "two blocks are joined without a line break between them"
    } else if line.starts_with(b"-----BEGIN") {
        "a BEGIN line is not complete"
    } else {
        "the END line of a block does not match its BEGIN line"
    }
}

/// The offset of the first line that starts with the prefix.
fn find_line(input: &[u8], prefix: &[u8]) -> Option<usize> {
    let mut offset = 0;
    for line in input.split_inclusive(|&byte| byte == b'\n') {
        if line.starts_with(prefix) {
            return Some(offset);
        }
        offset += line.len();
    }
    None
}

/// The first line, with its line feed.
fn first_line(input: &[u8]) -> &[u8] {
    input.split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default()
}

fn label<'a>(line: &'a [u8], prefix: &str) -> Option<&'a str> {
    let label = str::from_utf8(line).ok()?.strip_prefix(prefix)?.trim_end().strip_suffix("-----")?;
    if label.contains("-----") { None } else { Some(label) }
}

/// Decodes the base64 of a key's block in constant time and into memory that is wiped. The reader of rustls does neither.
fn decode_key(block: &Block<'_>) -> Option<Zeroizing<Vec<u8>>> {
    let mut text = Zeroizing::new(Vec::with_capacity(block.lines.len()));
    for line in block.lines.lines().filter(|line| !line.starts_with("-----")) {
        text.extend(line.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    }
    let mut der = Zeroizing::new(vec![0; text.len()]);
    let length = Base64::decode(text.as_slice(), &mut der).ok()?.len();
    der.truncate(length);
    Some(der)
}

fn decode(block: &Block<'_>, origin: &Source) -> Result<Zeroizing<Vec<u8>>, PkiError> {
    let broken = || PkiError::unreadable(Code::PemBroken, origin, "the base64 of a block is wrong");
    // The decoder does not need padding, but RFC 7468, 2 does, and the padding reveals a lost character.
    let body = block.lines.lines().filter(|line| !line.starts_with("-----"));
    let length: usize = body.map(|line| line.bytes().filter(|byte| !byte.is_ascii_whitespace()).count()).sum();
    if !length.is_multiple_of(4) {
        return Err(broken());
    }
    let decoded = if block.is_key() {
        decode_key(block).ok_or_else(broken)?
    } else {
        let lines = block.lines.replace("X509 CERTIFICATE", CERTIFICATE);
        Zeroizing::new(CertificateDer::from_pem_slice(lines.as_bytes()).map_err(|_| broken())?.to_vec())
    };
    if decoded.is_empty() { Err(broken()) } else { Ok(decoded) }
}

/// Writes a block with LF, 64 characters per line and a final newline (RFC 7468, 2).
pub(super) fn encode(label: &str, der: &[u8]) -> Zeroizing<String> {
    let begin = format!("-----BEGIN {label}-----\n");
    let end = format!("-----END {label}-----\n");
    // Allocate the right size once: a growing buffer would leave copies of a key behind.
    let lines = der.len().div_ceil(48);
    let mut text = Zeroizing::new(String::with_capacity(begin.len() + end.len() + lines * 65));
    text.push_str(&begin);
    let mut buffer = Zeroizing::new([0_u8; 64]);
    for chunk in der.chunks(48) {
        text.push_str(Base64::encode(chunk, buffer.as_mut_slice()).unwrap_or_default());
        text.push('\n');
    }
    text.push_str(&end);
    text
}

/// Several certificates as PEM.
pub(super) fn encode_certificates<'a>(certificates: impl IntoIterator<Item = &'a [u8]>) -> String {
    certificates.into_iter().map(|der| encode(CERTIFICATE, der).to_string()).collect()
}
