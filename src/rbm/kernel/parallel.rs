//! Tiles shared among threads. With one thread, nothing but a loop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use rayon::prelude::*;

/// Work below this many additions is done by one thread: waking another costs more.
const WORTH_SHARING: usize = 200_000;

static POOL: RwLock<Option<Arc<rayon::ThreadPool>>> = RwLock::new(None);
static IS_SHARING_OFF: AtomicBool = AtomicBool::new(false);

/// Sets the number of threads for the whole process; keeps what there was when the system gives none.
pub fn set_threads(threads: usize) {
    let pool = if threads <= 1 {
        None
    } else {
        match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
            Ok(pool) => Some(Arc::new(pool)),
            Err(_) => return,
        }
    };
    *POOL.write().unwrap_or_else(PoisonError::into_inner) = pool;
}

/// The number that was set, whether work is shared now or not.
pub fn threads() -> usize {
    let pool = POOL.read().unwrap_or_else(PoisonError::into_inner);
    pool.as_ref().map_or(1, |pool| pool.current_num_threads())
}

/// Whether work is shared among the threads from now on, for the whole process. It changes no result.
pub fn share(is_shared: bool) {
    IS_SHARING_OFF.store(!is_shared, Ordering::Relaxed);
}

fn pool() -> Option<Arc<rayon::ThreadPool>> {
    if IS_SHARING_OFF.load(Ordering::Relaxed) {
        return None;
    }
    POOL.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Does work that shares tiles again and again on a thread of the pool, so that only the others have
/// to be woken.
pub fn install<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    match pool() {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

/// Calls `f` for every item, with its number; `n_additions` estimates the work of all of them.
pub fn for_each<T: Send>(items: Vec<T>, n_additions: usize, f: impl Fn(usize, T) + Sync + Send) {
    for_each_with(items, n_additions, &|| (), |(), number, item| f(number, item));
}

/// The same with something to write into, made anew for some of the items only.
pub fn for_each_with<T: Send, W>(
    items: Vec<T>,
    n_additions: usize,
    new: &(dyn Fn() -> W + Sync),
    f: impl Fn(&mut W, usize, T) + Sync + Send,
) {
    let is_shared = n_additions >= WORTH_SHARING && items.len() > 1;
    match pool().filter(|_| is_shared) {
        None => {
            let mut with = new();
            items.into_iter().enumerate().for_each(|(number, item)| f(&mut with, number, item));
        }
        Some(pool) => {
            let piece = items.len().div_ceil(4 * pool.current_num_threads());
            pool.install(|| {
                let items = items.into_par_iter().enumerate().with_min_len(piece);
                items.for_each_init(new, |with, (number, item)| f(with, number, item));
            });
        }
    }
}
