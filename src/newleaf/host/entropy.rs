//! The random bytes of serial numbers.

use aws_lc_rs::error::Unspecified;

/// Sixteen random bytes from the one cryptographic provider in the dependency tree.
pub fn sixteen_bytes() -> Result<[u8; 16], Unspecified> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_draws_are_equal() {
        let one = sixteen_bytes().expect("the provider has random bytes");
        let other = sixteen_bytes().expect("the provider has random bytes");
        assert_ne!(one, other);
    }
}
