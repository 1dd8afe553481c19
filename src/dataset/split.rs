//! Which songs are held out: a seeded share of them, related songs always on one side.
//!
//! Songs are related when their files are equal byte for byte, or when one is the other transposed.
//! The choice looks at each song's content and the seed, not at its place in the list: adding a
//! song moves few others to the other side.

use std::collections::HashMap;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::Song;
use crate::music::PianoRoll;

/// For each song whether it is held out.
///
/// With a share above 0 and at least two songs that are not related, at least one song is held out
/// and at least one is not.
pub(super) fn held_out(songs: &[&Song], share: f64, seed: u64) -> Vec<bool> {
    let mut is_held_out = vec![false; songs.len()];
    if share <= 0.0 {
        return is_held_out;
    }
    let mut groups = groups(songs);
    if groups.len() < 2 {
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
    let mut by_shape: HashMap<[u8; 32], usize> = HashMap::new();
    let shapes: Vec<_> = songs.par_iter().map(|song| shape(&song.roll)).collect();
    for (index, (song, shape)) in songs.iter().zip(shapes).enumerate() {
        let same_content = *by_content.entry(song.content_sha256).or_insert(index);
        let same_shape = *by_shape.entry(shape).or_insert(index);
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
fn shape(roll: &PianoRoll) -> [u8; 32] {
    let width = roll.pitches().len().max(1);
    let mut used = vec![0; width];
    for row in roll.cells().chunks_exact(width) {
        for (used, cell) in used.iter_mut().zip(row) {
            *used |= cell;
        }
    }
    let lowest = used.iter().position(|&cells| cells != 0).unwrap_or(0);
    let n_used = used.iter().rposition(|&cells| cells != 0).map_or(0, |top| top + 1 - lowest);
    let mut hasher = Sha256::new();
    hasher.update((roll.n_steps() as u64).to_le_bytes());
    hasher.update((n_used as u64).to_le_bytes());
    for row in roll.cells().chunks_exact(width) {
        hasher.update(&row[lowest..lowest + n_used]);
    }
    hasher.finalize().into()
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
