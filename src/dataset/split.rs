//! Which songs are held out: a seeded share of them, related songs always on one side.
//!
//! Songs are related when their files are equal byte for byte, or when one is the other transposed.
//! The choice looks at each song's content and the seed, not at its place in the list: adding a
//! song moves few others to the other side.

use std::collections::HashMap;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

use super::Song;
use crate::music::PianoRoll;

/// For each song whether it is held out.
///
/// With a share above 0 and at least two songs that are not related, at least one song is held out
/// and at least one is not.
pub(super) fn held_out(songs: &[&Song], share: f64, seed: u64) -> Vec<bool> {
    let mut is_held_out = vec![false; songs.len()];
    let mut groups = groups(songs);
    if share <= 0.0 || groups.len() < 2 {
        return is_held_out;
    }
    groups.sort_by_cached_key(|members| {
        let keys = members.iter().map(|&m| draw(songs[m], seed));
        (keys.min(), members.first().copied())
    });
    let target = (share * songs.len() as f64).round() as usize;
    let target = target.clamp(1, songs.len() - 1);
    let mut n_chosen = 0;
    for members in &groups {
        if n_chosen + members.len() <= target {
            n_chosen += members.len();
            for &member in members {
                is_held_out[member] = true;
            }
        }
    }
    if n_chosen == 0 {
        // Every group is larger than the share: the smallest is nearest to it.
        if let Some(smallest) = groups.iter().min_by_key(|members| members.len()) {
            for &member in smallest {
                is_held_out[member] = true;
            }
        }
    }
    is_held_out
}

/// A song's number in the lottery.
fn draw(song: &Song, seed: u64) -> u64 {
    let mut content = [0; 8];
    content.copy_from_slice(&song.content_sha256[..8]);
    let mixed = u64::from_le_bytes(content) ^ seed.rotate_left(32);
    Xoshiro256PlusPlus::seed_from_u64(mixed ^ seed).next_u64()
}

/// Related songs, in the order in which their first members stand; all members in order.
fn groups(songs: &[&Song]) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..songs.len()).collect();
    let mut by_content: HashMap<[u8; 32], usize> = HashMap::new();
    let mut by_shape: HashMap<Vec<u8>, usize> = HashMap::new();
    for (index, song) in songs.iter().enumerate() {
        let same_content = *by_content.entry(song.content_sha256).or_insert(index);
        let same_shape = *by_shape.entry(shape(&song.roll)).or_insert(index);
        join(&mut leader, index, same_content);
        join(&mut leader, index, same_shape);
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); songs.len()];
    for index in 0..songs.len() {
        let first = find(&mut leader, index);
        members[first].push(index);
    }
    members.retain(|m| !m.is_empty());
    members
}

/// A digest of the roll that does not change when it is transposed.
fn shape(roll: &PianoRoll) -> Vec<u8> {
    use sha2::{Digest as _, Sha256};
    let width = roll.pitches().len().max(1);
    let cells = roll.cells();
    let lowest = (0..width).find(|&c| cells.iter().skip(c).step_by(width).any(|&x| x != 0));
    // Moved down to the lowest column, rows that follow each other stay distinct by their width.
    let mut hasher = Sha256::new();
    hasher.update((roll.n_steps() as u64).to_le_bytes());
    let lowest = lowest.unwrap_or(0);
    let mut moved = vec![0; width];
    for row in cells.chunks_exact(width) {
        moved[..width - lowest].copy_from_slice(&row[lowest..]);
        hasher.update(&moved);
    }
    hasher.finalize().to_vec()
}

fn find(leader: &mut [usize], index: usize) -> usize {
    let mut index = index;
    while leader[index] != index {
        leader[index] = leader[leader[index]];
        index = leader[index];
    }
    index
}

/// Makes the earlier leader lead both.
fn join(leader: &mut [usize], a: usize, b: usize) {
    let (a, b) = (find(leader, a), find(leader, b));
    leader[a.max(b)] = a.min(b);
}
