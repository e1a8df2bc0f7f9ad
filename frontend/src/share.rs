//! Links that carry everything behind the `#`, where no server sees it.

use vapwright_engine::wire::{EvaluateAnswer, SharedExample};

use crate::host;
use crate::model::{File, Work};
use crate::secrets;
use crate::verdict::{of_file, speaks};

/// What a fragment starts with: the form may change, old links must not.
const PREFIX: &str = "#v1.";

/// The packed text of a fragment that holds an example.
pub fn packed(fragment: &str) -> Option<&str> {
    fragment.strip_prefix(PREFIX)
}

/// A fragment that holds the work.
pub async fn fragment(work: &Work) -> Option<String> {
    let json = serde_json::to_string(&work.example()).ok()?;
    let packed = host::pack(&json).await.ok()?.as_string()?;
    Some(format!("{PREFIX}{packed}"))
}

/// The work that a fragment holds.
pub async fn unpack(packed: &str) -> Option<Work> {
    let json = host::unpack(packed).await.ok()?.as_string()?;
    serde_json::from_str::<SharedExample>(&json)
        .ok()
        .map(Work::from)
}

/// What a person may leave out of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Choice {
    /// Make values that look like secrets empty.
    pub blank: bool,
    /// Keep only the policies that say something.
    pub speaking: bool,
}

/// The work as it is shared.
pub fn reduced(work: &Work, answer: Option<&EvaluateAnswer>, choice: Choice) -> Work {
    let mut work = work.clone();
    if let Some(answer) = answer.filter(|_| choice.speaking) {
        work.policies
            .retain(|file| of_file(answer, &file.name).is_none_or(speaks));
    }
    if choice.blank {
        work.object = secrets::blank(&work.object).into();
        work.old = secrets::blank(&work.old).into();
        work.namespace = secrets::blank(&work.namespace).into();
        work.policies = work
            .policies
            .iter()
            .map(|file| File {
                name: file.name.clone(),
                text: secrets::blank(&file.text).into(),
            })
            .collect();
    }
    work
}

/// The values of the work that look like secrets: the file and the value.
pub fn suspects(work: &Work) -> Vec<(String, secrets::Secret)> {
    let texts = [
        ("object", &work.object),
        ("stored object", &work.old),
        ("namespace", &work.namespace),
    ]
    .map(|(name, text)| (name.to_owned(), text.clone()))
    .into_iter()
    .chain(
        work.policies
            .iter()
            .map(|file| (file.name.to_string(), file.text.clone())),
    );
    texts
        .flat_map(|(name, text)| {
            secrets::find(&text)
                .into_iter()
                .map(move |secret| (name.clone(), secret))
        })
        .collect()
}
