//! Writes the generated pages of `docs` and the manifests: `cargo run --example reference -- DIRECTORY`, the checkout.

mod pages;

use std::fs;
use std::path::Path;

use pages::{Error, GeneratedFiles, everything, manifests};

fn main() -> Result<(), Error> {
    let checkout = std::env::args_os().nth(1).ok_or("usage: reference DIRECTORY")?;
    let checkout = Path::new(&checkout);
    write(&everything()?, &checkout.join("docs"))?;
    write(&manifests()?, &checkout.join("manifests"))
}

fn write(files: &GeneratedFiles, directory: &Path) -> Result<(), Error> {
    for (name, content) in files {
        let path = directory.join(name);
        let parent = path.parent().unwrap_or(directory);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, content))
            .map_err(|error| format!("failed to write {}: {error}", path.display()))?;
    }
    Ok(())
}
