//! The Merkle tree of RFC 6962 over leaves: its root, grown leaf by leaf, and the path from one leaf to a root.

use std::collections::BTreeMap;

use crate::crypto::sha256;

/// SHA-256.
pub type Hash = [u8; 32];

/// Leaves of a block: a complete aligned subtree whose root is kept, and whose leaves may be folded into it.
pub const BLOCK: u64 = 1 << BLOCK_LEVEL;
/// Height of a block.
pub const BLOCK_LEVEL: u32 = 12;

/// The hash of a leaf. Its first byte keeps a leaf from being taken for a node.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    let mut bytes = Vec::with_capacity(leaf.len() + 1);
    bytes.push(0);
    bytes.extend_from_slice(leaf);
    sha256(&bytes)
}

/// The hash of two subtrees side by side.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [0; 65];
    let (prefix, rest) = bytes.split_at_mut(1);
    prefix.fill(1);
    let (first, second) = rest.split_at_mut(32);
    first.copy_from_slice(left);
    second.copy_from_slice(right);
    sha256(&bytes)
}

/// A tree that only grows at its end: the roots of its complete subtrees, largest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Reads the peaks of a tree of `size` leaves; `None` when they are not as many as such a tree has.
    pub fn read(size: u64, peaks: &[u8]) -> Option<Self> {
        let hashes: Vec<Hash> = peaks.chunks(32).map(|peak| peak.try_into().ok()).collect::<Option<_>>()?;
        (u32::try_from(hashes.len()) == Ok(size.count_ones())).then_some(Self { size, peaks: hashes })
    }

    /// The peaks one after the other, as [`Frontier::read`] takes them.
    pub fn written(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// How many leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all the leaves; the hash of nothing when there is none (RFC 6962 §2.1).
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => sha256(&[]),
            Some(last) => peaks.fold(*last, |root, peak| node_hash(peak, &root)),
        }
    }

    /// Adds a leaf; gives the root of the block that it completes, if it completes one.
    pub fn push(&mut self, leaf: Hash) -> Option<Hash> {
        self.grow(0, leaf)
    }

    /// Adds the root of a whole block; gives back `false`, and stays as it was, unless the tree ends where a block begins.
    #[must_use]
    pub fn push_block(&mut self, root: Hash) -> bool {
        let aligned = self.size.is_multiple_of(BLOCK);
        if aligned {
            self.grow(BLOCK_LEVEL, root);
        }
        aligned
    }

    fn grow(&mut self, level: u32, hash: Hash) -> Option<Hash> {
        let merges = (self.size >> level).trailing_ones();
        let (mut hash, mut block) = (hash, None);
        for height in level..level + merges {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            if height + 1 == BLOCK_LEVEL {
                block = Some(hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1 << level;
        block
    }
}

/// What is at hand of a tree: the roots of its complete blocks, and the leaves of those that a path goes through.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// How many leaves the tree has.
    pub size: u64,
    /// Roots of complete blocks, from the first.
    pub blocks: Vec<Hash>,
    /// Hashes of leaves, by their rank.
    pub leaves: BTreeMap<u64, Hash>,
}

impl Parts {
    /// The root of the first `size` leaves; `None` when a part that it needs is not at hand.
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        match size {
            0 => Some(sha256(&[])),
            size => self.range(0, size),
        }
    }

    /// The path from the leaf of that rank to the root, lowest first; `None` when a part is not at hand.
    pub fn path(&self, rank: u64) -> Option<Vec<Hash>> {
        if rank >= self.size {
            return None;
        }
        let (mut from, mut to, mut path) = (0, self.size, Vec::new());
        while to - from > 1 {
            let middle = from + split(to - from);
            if rank < middle {
                path.push(self.range(middle, to)?);
                to = middle;
            } else {
                path.push(self.range(from, middle)?);
                from = middle;
            }
        }
        path.reverse();
        Some(path)
    }

    fn range(&self, from: u64, to: u64) -> Option<Hash> {
        let length = to - from;
        if length == BLOCK && from.is_multiple_of(BLOCK) {
            return self.blocks.get(usize::try_from(from / BLOCK).ok()?).copied();
        }
        if length == 1 {
            return self.leaves.get(&from).copied();
        }
        let middle = from + split(length);
        Some(node_hash(&self.range(from, middle)?, &self.range(middle, to)?))
    }
}

/// The largest power of two below `length`, which is at least 2.
fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

/// The root that a path leads to from a leaf (RFC 9162 §2.1.3.2); `None` when the path is not one of such a tree.
pub fn climb(rank: u64, size: u64, leaf: Hash, path: &[Hash]) -> Option<Hash> {
    if rank >= size {
        return None;
    }
    let (mut at, mut last, mut hash) = (rank, size - 1, leaf);
    for step in path {
        if last == 0 {
            return None;
        }
        if at % 2 == 1 || at == last {
            hash = node_hash(step, &hash);
            if at.is_multiple_of(2) {
                let skipped = at.trailing_zeros();
                at = at.checked_shr(skipped).unwrap_or(0);
                last = last.checked_shr(skipped).unwrap_or(0);
            }
        } else {
            hash = node_hash(&hash, step);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use proptest::prelude::*;

    use super::*;
    use crate::crypto::{hex, unhex};

    fn leaf(rank: u64) -> Hash {
        leaf_hash(&rank.to_be_bytes())
    }

    fn grown(size: u64) -> Frontier {
        let mut tree = Frontier::default();
        for rank in 0..size {
            tree.push(leaf(rank));
        }
        tree
    }

    fn parts(size: u64) -> Parts {
        let mut tree = Frontier::default();
        let mut parts = Parts { size, ..Parts::default() };
        for rank in 0..size {
            parts.leaves.insert(rank, leaf(rank));
            parts.blocks.extend(tree.push(leaf(rank)));
        }
        parts
    }

    /// The definition of RFC 6962 §2.1, word for word.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => sha256(&[]),
            [one] => *one,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node_hash(&defined(left), &defined(right))
            }
        }
    }

    /// The inputs and roots that every implementation of RFC 6962 is tried on.
    #[test]
    fn known_trees_have_their_known_roots() {
        let inputs = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Frontier::default();
        assert_eq!(hex(&tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (input, root) in inputs.into_iter().zip(roots) {
            tree.push(leaf_hash(&unhex(input).unwrap()));
            assert_eq!(hex(&tree.root()), root);
        }
    }

    #[test]
    fn a_block_is_told_when_it_is_complete() {
        let mut tree = Frontier::default();
        let told: Vec<u64> = (0..BLOCK * 2 + 5).filter(|rank| tree.push(leaf(*rank)).is_some()).collect();
        assert_eq!(told, [BLOCK - 1, BLOCK * 2 - 1]);
        let parts = parts(BLOCK * 2 + 5);
        let mut from_blocks = Frontier::default();
        for block in &parts.blocks {
            assert!(from_blocks.push_block(*block));
        }
        for rank in BLOCK * 2..BLOCK * 2 + 5 {
            from_blocks.push(leaf(rank));
        }
        assert_eq!(from_blocks, tree);
        assert!(!from_blocks.push_block([0; 32]), "not where a block begins");
        assert_eq!(parts.root_at(parts.size), Some(tree.root()));
    }

    proptest! {
        #[test]
        fn a_tree_grows_to_the_root_that_is_defined(size in 0_u64..300) {
            let leaves: Vec<Hash> = (0..size).map(leaf).collect();
            let tree = grown(size);
            prop_assert_eq!(tree.root(), defined(&leaves));
            prop_assert_eq!(Frontier::read(size, &tree.written()), Some(tree.clone()));
            prop_assert_eq!(Frontier::read(size + 1, &tree.written()).is_some(), (size + 1).count_ones() == size.count_ones());
            prop_assert_eq!(parts(size).root_at(size), Some(tree.root()));
        }

        #[test]
        fn a_path_leads_from_its_leaf_to_the_root_and_from_no_other(size in 1_u64..300, rank in 0_u64..300, other in 0_u64..300, bent in 0_usize..12) {
            let (rank, other) = (rank % size, other % size);
            let parts = parts(size);
            let path = parts.path(rank).unwrap();
            let root = parts.root_at(size);
            prop_assert_eq!(climb(rank, size, leaf(rank), &path), root);
            if other != rank {
                prop_assert_ne!(climb(rank, size, leaf(other), &path), root);
                prop_assert_ne!(climb(other, size, leaf(rank), &path), root);
            }
            let mut longer = path.clone();
            longer.push([0; 32]);
            prop_assert_ne!(climb(rank, size, leaf(rank), &longer), root);
            if let Some(step) = path.len().checked_sub(1).map(|last| bent % (last + 1)) {
                let mut altered = path.clone();
                altered[step][0] ^= 1;
                prop_assert_ne!(climb(rank, size, leaf(rank), &altered), root);
                prop_assert_ne!(climb(rank, size, leaf(rank), &path[..step]), root);
            }
            prop_assert_eq!(parts.path(size), None);
        }
    }
}
