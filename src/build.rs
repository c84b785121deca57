//! Puts the files of `static/` inside the program, with a hash of each content for its name.

fn main() {
    memory_serve::load_directory_with_embed("static", true);
}
