//! Which excerpts make up each batch of an epoch.

use crate::dataset::Excerpt;
use crate::rbm::{Device, RandomSource, Stream};

use super::TrainSettings;

/// The order of an epoch and where its batches are cut.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct EpochPlan {
    /// Numbers of excerpts.
    pub order: Vec<i64>,
    /// Start in `order` and length of each batch.
    pub batches: Vec<(usize, usize)>,
}

/// Plans the batches of an epoch; the same (seed, epoch) gives the same plan.
pub(super) fn plan_epoch(excerpts: &[Excerpt], settings: &TrainSettings, epoch: u32) -> EpochPlan {
    let mut random = RandomSource::new(settings.seed, Stream::Order, u64::from(epoch), Device::Cpu);
    if settings.batches_within_songs {
        within_songs(excerpts, settings, &mut random)
    } else {
        across_songs(excerpts, settings, &mut random)
    }
}

/// Batches as even as possible: a last batch of two excerpts would only add noise.
fn across_songs(
    excerpts: &[Excerpt],
    settings: &TrainSettings,
    random: &mut RandomSource,
) -> EpochPlan {
    let usable = trained_excerpts(excerpts, settings);
    let order = if settings.shuffle {
        random.permutation(usable.len()).into_iter().map(|i| usable[i as usize]).collect()
    } else {
        usable
    };
    let n = order.len();
    let n_batches = n.div_ceil(settings.batch_size.max(1));
    let cut = |batch: usize| batch * n / n_batches.max(1);
    let batches = (0..n_batches).map(|b| (cut(b), cut(b + 1) - cut(b))).collect();
    EpochPlan { order, batches }
}

/// The study's way: each song's excerpts in batches of at most `batch_size`, song after song.
fn within_songs(
    excerpts: &[Excerpt],
    settings: &TrainSettings,
    random: &mut RandomSource,
) -> EpochPlan {
    let order = trained_excerpts(excerpts, settings);
    let mut batches: Vec<(usize, usize)> = Vec::new();
    for (place, &number) in order.iter().enumerate() {
        let song = excerpts[number as usize].song;
        match batches.last_mut() {
            Some((start, length))
                if excerpts[order[*start] as usize].song == song
                    && *length < settings.batch_size.max(1) =>
            {
                *length += 1;
            }
            _ => batches.push((place, 1)),
        }
    }
    if settings.shuffle {
        let shuffled = random.permutation(batches.len());
        batches = shuffled.into_iter().map(|batch| batches[batch as usize]).collect();
    }
    EpochPlan { order, batches }
}

fn trained_excerpts(excerpts: &[Excerpt], settings: &TrainSettings) -> Vec<i64> {
    let is_first =
        |number: usize| number == 0 || excerpts[number - 1].song != excerpts[number].song;
    (0..excerpts.len())
        .filter(|&number| !(settings.skip_first_excerpt && is_first(number)))
        .map(|number| number as i64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Preset;

    fn excerpts(songs: &[u32]) -> Vec<Excerpt> {
        let excerpt = |(row, &song): (usize, &u32)| Excerpt { first_row: row as u32, song };
        songs.iter().enumerate().map(excerpt).collect()
    }

    #[test]
    fn the_report_keeps_songs_apart_and_skips_each_first_excerpt() {
        let settings = TrainSettings { batch_size: 2, ..Preset::Report.settings() };
        let plan = plan_epoch(&excerpts(&[0, 0, 0, 0, 1, 2, 2]), &settings, 3);
        assert_eq!(plan.order, [1, 2, 3, 6]);
        assert_eq!(plan.batches, [(0, 2), (2, 1), (3, 1)]);
    }

    #[test]
    fn shuffled_batches_are_even_and_hold_every_excerpt_once() {
        let settings = TrainSettings { batch_size: 10, ..Preset::Recommended.settings() };
        let songs = excerpts(&[0; 101]);
        let plan = plan_epoch(&songs, &settings, 0);
        assert_eq!(plan.batches.len(), 11);
        assert!(plan.batches.iter().all(|&(_, length)| (9..=10).contains(&length)));
        assert_eq!(plan.batches.iter().map(|b| b.1).sum::<usize>(), 101);
        let mut order = plan.order.clone();
        order.sort_unstable();
        assert_eq!(order, (0..101).collect::<Vec<_>>());
        assert_eq!(plan, plan_epoch(&songs, &settings, 0));
        assert_ne!(plan, plan_epoch(&songs, &settings, 1));
    }
}
