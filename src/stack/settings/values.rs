//! Single values: texts that cannot be wrong any more. Each refusal says what is allowed and what to do.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Why a text is no such value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// What is allowed.
    pub limits: &'static str,
    /// What to do.
    pub way_out: &'static str,
}

/// Declares a type that holds a text which a function has found right.
macro_rules! text_types {
    ($($(#[$doc:meta])+ $name:ident: $holds:path, $limits:literal, $way_out:literal;)*) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Limits;

            fn from_str(text: &str) -> Result<Self, Limits> {
                if $holds(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(Limits { limits: $limits, way_out: $way_out })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text_types! {
    /// The name of a namespace or of a Service (RFC 1123).
    DnsLabel: is_label, "a name is 1 to 63 lower-case letters, digits and `-`, with a letter or digit at both ends",
        "write such a name";
    /// The name of most objects (RFC 1123).
    DnsSubdomain: is_subdomain,
        "a name is 1 to 253 lower-case letters, digits, `-` and `.`, with a letter or digit at both ends",
        "write such a name";
    /// A host name without port and scheme.
    HostName: is_host, "a host is a name such as portal.example.org, without scheme, port and path",
        "write the name that people type into the browser";
    /// A container image with a tag or a digest.
    ImageReference: is_image, "an image has a tag or a digest, and the tag is not `latest`",
        "write REGISTRY/NAME:TAG or NAME@sha256:DIGEST";
    /// A key of a Secret or of a ConfigMap.
    ObjectKey: is_key, "a key is 1 to 253 letters, digits, `-`, `_` and `.`", "write the key as the object has it";
    /// The name of an environment variable.
    VariableName: is_variable, "a variable is letters, digits and `_`, and starts with no digit",
        "write such a name";
    /// Five fields, as cron has them.
    CronSchedule: is_schedule, "a schedule is five fields: minute, hour, day, month, weekday",
        "write for example `17 3 * * *`";
    /// A range of addresses (CIDR).
    AddressRange: is_range, "a range is an address and a length, such as 10.0.0.0/8", "write such a range";
    /// A name in PostgreSQL that needs no quotes.
    PostgresName: is_postgres_name, "a name is 1 to 63 lower-case letters, digits and `_`, and starts with no digit",
        "write such a name";
    /// A directory of a container, or a file in it.
    AbsolutePath: is_path, "a path starts with `/`, and has no `..` and no `:`", "write the whole path";
    /// The value of a label.
    LabelValue: is_label_value, "a label is up to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
        "write such a value";
    /// The name of a label or of an annotation.
    LabelName: is_label_name, "a label has a name of up to 63 letters, and perhaps a prefix such as example.org/",
        "write such a name";
    /// An address of the web.
    WebAddress: is_url, "an address starts with https:// or http:// and has no spaces", "write the whole address";
    /// Words for people.
    PlainText: is_plain, "a text is 1 to 120 characters in one line", "shorten it";
}

/// The bytes by which texts are known: letters, digits, and what else is listed.
fn only(text: &str, others: &[u8]) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}

fn has_ends(text: &str) -> bool {
    let is_end = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    is_end(text.chars().next()) && is_end(text.chars().next_back())
}

fn is_label(text: &str) -> bool {
    text.len() <= 63 && has_ends(text) && only(text, b"-") && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_host(text: &str) -> bool {
    is_subdomain(text) && text.parse::<IpAddr>().is_err()
}

fn is_image(text: &str) -> bool {
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
    };
    let (name, tag) = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        Some(_) | None => (name, None),
    };
    let is_pinned = tag.is_some_and(|tag| tag != "latest") || digest.is_some();
    let tag_holds = tag.is_none_or(|tag| !tag.is_empty() && tag.len() <= 128 && only(tag, b"._-"));
    let digest_holds = digest.is_none_or(|digest| match digest.split_once(':') {
        Some(("sha256", hex)) => hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        Some(_) | None => false,
    });
    is_pinned && tag_holds && digest_holds && is_image_name(name)
}

fn is_image_name(name: &str) -> bool {
    let (registry, path) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
        Some(_) | None => (None, name),
    };
    let part = |part: &str| has_ends(part) && only(part, b"._-") && !part.bytes().any(|byte| byte.is_ascii_uppercase());
    let registry_holds = registry.is_none_or(|registry| only(registry, b".-:") && has_ends(registry));
    name.len() <= 255 && registry_holds && path.split('/').all(part)
}

fn is_key(text: &str) -> bool {
    (1..=253).contains(&text.len()) && only(text, b"._-") && text != "." && !text.starts_with("..")
}

fn is_variable(text: &str) -> bool {
    !text.is_empty() && only(text, b"_") && !text.starts_with(|letter: char| letter.is_ascii_digit())
}

fn is_schedule(text: &str) -> bool {
    let fields: Vec<&str> = text.split(' ').collect();
    let bounds = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
    fields.len() == bounds.len() && fields.iter().zip(bounds).all(|(field, bounds)| is_cron_field(field, bounds))
}

/// `*`, numbers, ranges, lists and steps. Names of months and days are left to who writes them as numbers.
fn is_cron_field(field: &str, (lowest, highest): (u8, u8)) -> bool {
    let is_number = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_digit())
            && text.parse::<u8>().is_ok_and(|number| (lowest..=highest).contains(&number))
    };
    field.split(',').all(|part| {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let range_holds = match range.split_once('-') {
            Some((first, last)) => is_number(first) && is_number(last),
            None => range == "*" || is_number(range),
        };
        range_holds && step.is_none_or(|step| step.parse::<u8>().is_ok_and(|step| step > 0))
    })
}

fn is_range(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    length.bytes().all(|byte| byte.is_ascii_digit()) && length.parse::<u8>().is_ok_and(|length| length <= most)
}

fn is_postgres_name(text: &str) -> bool {
    let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    text.len() <= 63 && is_lower && is_variable(text)
}

fn is_path(text: &str) -> bool {
    let plain = !text.chars().any(|letter| letter.is_control() || letter == ':');
    plain && text.len() <= 1024 && text.starts_with('/') && !text.split('/').any(|part| part == "..")
}

fn is_label_value(text: &str) -> bool {
    text.is_empty() || (text.len() <= 63 && has_ends(text) && only(text, b"._-"))
}

fn is_label_name(text: &str) -> bool {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    prefix.is_none_or(is_subdomain) && !name.is_empty() && is_label_value(name)
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.contains(|letter: char| letter.is_whitespace() || letter.is_control())
    })
}

fn is_plain(text: &str) -> bool {
    (1..=120).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_a_tag_or_a_digest() {
        let digest = format!("postgres@sha256:{}", "0a".repeat(32));
        for image in ["postgres:17", "localhost/newleaf:local", "r.example.org:5000/a/b-c:1.2_x", "a/b:v1", &digest] {
            assert!(image.parse::<ImageReference>().is_ok(), "{image}");
        }
        let both = format!("postgres:latest@sha256:{}", "0a".repeat(32));
        assert!(both.parse::<ImageReference>().is_ok(), "the digest decides");
        for image in
            ["", "postgres", "postgres:", "a:latest", "A:1", "a b:1", "a//b:1", ":1", "a:1:2", "a@sha256:0", "-a:1"]
        {
            assert!(image.parse::<ImageReference>().is_err(), "{image}");
        }
    }

    #[test]
    fn schedules_are_five_fields_within_their_bounds() {
        for schedule in ["17 3 * * *", "*/5 * * * *", "0 0-6/2 1,15 * 1-5", "59 23 31 12 7"] {
            assert!(schedule.parse::<CronSchedule>().is_ok(), "{schedule}");
        }
        for schedule in
            ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "*/0 * * * *", "a * * * *", "1- * * * *"]
        {
            assert!(schedule.parse::<CronSchedule>().is_err(), "{schedule}");
        }
    }

    #[test]
    fn names_and_ranges_are_what_kubernetes_takes() {
        for (text, is_label) in [("a", true), ("a-1", true), ("-a", false), ("a.b", false), ("ä", false), ("", false)]
        {
            assert_eq!(text.parse::<DnsLabel>().is_ok(), is_label, "{text}");
        }
        for (text, is_range) in [("10.0.0.0/8", true), ("::/0", true), ("10.0.0.0", false), ("10.0.0.0/+8", false)] {
            assert_eq!(text.parse::<AddressRange>().is_ok(), is_range, "{text}");
        }
        for (text, is_name) in [("example.org/a_b", true), ("a/b/c", false), ("/a", false), ("a b", false)] {
            assert_eq!(text.parse::<LabelName>().is_ok(), is_name, "{text}");
        }
    }
}
