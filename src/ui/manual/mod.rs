//! The user manual as the window shows it: the Markdown of `docs/manual`, cut into pages and
//! sections.
//!
//! Two pages are written by the program itself, out of the table of settings and the list of
//! actions (`generated`); a test compares them with the files.

mod generated;
mod search;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::train::Setting;

pub use generated::{KEYBOARD_PAGE, KNOBS_PAGE, keyboard_page, knobs_page};
pub use search::{Hit, search};

/// A page with its sections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The name of its file, without the ending.
    pub name: &'static str,
    pub title: &'static str,
    pub sections: Vec<Section>,
}

/// What stands below a heading, up to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Empty for what stands before the first heading of a page.
    pub title: &'static str,
    /// 2 for a section, 3 for one within a section; 1 for the beginning of a page.
    pub level: u8,
    /// Markdown without the heading.
    pub body: &'static str,
}

/// A place in the manual: the page and the section, by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub page: usize,
    pub section: usize,
}

macro_rules! page_texts {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../../docs/manual/", $name, ".md")))),+]
    };
}

/// In the order of the contents.
const TEXTS: [(&str, &str); 12] = page_texts![
    "first-song",
    "window",
    "knobs",
    "measures",
    "better-music",
    "composing",
    "sound",
    "projects",
    "command-line",
    "graphics-card",
    "how-it-works",
    "questions",
];

/// After them, because it is looked up rather than read.
const LAST: (&str, &str) = ("keyboard", include_str!("../../../docs/manual/keyboard.md"));

/// Every page.
pub fn pages() -> &'static [Page] {
    static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
        TEXTS.into_iter().chain([LAST]).map(|(name, text)| page(name, text)).collect()
    });
    &PAGES
}

impl Section {
    /// What links call it: "what-it-cannot-do".
    pub fn slug(&self) -> String {
        slug(self.title)
    }
}

impl Place {
    /// Where a link leads: `measures.md`, `window.md#data`, `#data` (on this page); `None` where it
    /// leads out of the manual or nowhere.
    pub fn of_link(link: &str, page: usize) -> Option<Self> {
        let (file, slug) = link.split_once('#').unwrap_or((link, ""));
        let page = match file {
            "" => page,
            file => {
                let name = file.strip_suffix(".md")?;
                pages().iter().position(|page| page.name == name)?
            }
        };
        let sections = &pages().get(page)?.sections;
        let section = match slug {
            "" => 0,
            slug => sections.iter().position(|section| section.slug() == slug)?,
        };
        Some(Self { page, section })
    }

    /// The paragraph on a setting.
    pub fn of_setting(setting: &Setting) -> Option<Self> {
        Self::of_link(&format!("{KNOBS_PAGE}.md#{}", slug(setting.label)), 0)
    }

    pub fn page(self) -> &'static Page {
        &pages()[self.page.min(pages().len() - 1)]
    }
}

/// Cuts a page at its headings; those in code are none.
fn page(name: &'static str, text: &'static str) -> Page {
    let (title, rest) = text.split_once('\n').unwrap_or((text, ""));
    let mut sections = Vec::new();
    let mut open = Section { title: "", level: 1, body: "" };
    let (mut start, mut at, mut is_code) = (0, 0, false);
    for line in rest.split_inclusive('\n') {
        let hashes = line.bytes().take_while(|&byte| byte == b'#').count();
        is_code ^= line.starts_with("```");
        if (2..=3).contains(&hashes) && !is_code {
            sections.push(Section { body: rest[start..at].trim(), ..open });
            open = Section { title: line[hashes..].trim(), level: hashes as u8, body: "" };
            start = at + line.len();
        }
        at += line.len();
    }
    sections.push(Section { body: rest[start..].trim(), ..open });
    Page { name, title: title.trim_start_matches('#').trim(), sections }
}

/// As the usual viewers of Markdown make it: small letters, hyphens for spaces, nothing else but
/// letters, digits and hyphens.
pub(super) fn slug(title: &str) -> String {
    let lower = title.to_lowercase().replace(' ', "-");
    lower.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

/// Every link and every picture of a text: what stands in the brackets after `](`.
pub fn targets(markdown: &str) -> impl Iterator<Item = &str> {
    markdown.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}
