//! What a person works on: the texts and settings that are saved, shared and evaluated.

use std::rc::Rc;

use vapwright_engine::wire::{
    EvaluateCall, FailFast, LabelModel, RequestSettings, ServerSettings, SharedExample, SourceFile,
};

/// The Kubernetes versions that are offered, the newest first.
pub const KUBERNETES: [&str; 7] = ["1.36", "1.35", "1.34", "1.33", "1.32", "1.31", "1.30"];
/// The name that places in the objects are reported under.
pub const OBJECT: &str = "object.yaml";
/// The name that places in the Namespace are reported under.
pub const NAMESPACE: &str = "namespace.yaml";
/// The name that places in the stored objects are reported under.
pub const OLD: &str = "old.yaml";

/// A text with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Unique among the policies.
    pub name: Rc<str>,
    /// With `\n` at the ends of lines, as the editors count them.
    pub text: Rc<str>,
}

impl File {
    /// A file with the line ends that the editors use.
    pub fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.into(),
            text: lines(text),
        }
    }

    fn source(&self) -> SourceFile {
        SourceFile {
            name: self.name.to_string(),
            text: self.text.to_string(),
        }
    }
}

/// A text with `\n` at the ends of its lines: an editor counts each end as one character.
pub fn lines(text: &str) -> Rc<str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        text.into()
    }
}

/// Everything that a verdict depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Kyverno policies, admission policies and bindings.
    pub policies: Vec<File>,
    /// What is sent to the cluster.
    pub object: Rc<str>,
    /// The objects as they are stored, for an update or a deletion; empty where they are as sent.
    pub old: Rc<str>,
    /// The Namespace; empty where the objects' own names say it.
    pub namespace: Rc<str>,
    /// The request around the objects.
    pub request: RequestSettings,
    /// How the API server is set.
    pub server: ServerSettings,
    /// Whether the objects are shown as policies see them.
    pub show_admitted: bool,
    /// Whether other ways to enforce policies are shown beside.
    pub show_outcomes: bool,
    /// `1.30` to `1.36`
    pub kubernetes: Rc<str>,
    /// How namespaces choose policies.
    pub labels: LabelModel,
    /// The profile of Kyverno policies that do not say theirs.
    pub profile: Option<String>,
    /// Whether Kyverno policies bring policies for workloads.
    pub fail_fast: FailFast,
    /// The title that a person gave a shared example.
    pub title: Rc<str>,
}

impl Work {
    /// The call that answers it.
    pub fn call(&self) -> EvaluateCall {
        EvaluateCall {
            policies: self.policies.iter().map(File::source).collect(),
            objects: vec![SourceFile {
                name: OBJECT.to_owned(),
                text: self.object.to_string(),
            }],
            // they are among the policies here
            params: Vec::new(),
            old_objects: given(OLD, &self.old)
                .filter(|_| self.replaces())
                .into_iter()
                .collect(),
            namespace: given(NAMESPACE, &self.namespace),
            kubernetes: Some(self.kubernetes.to_string()),
            request: self.request.clone(),
            server: self.server.clone(),
            show_admitted: self.show_admitted,
            show_outcomes: self.show_outcomes,
            labels: self.labels.clone(),
            profile: self.profile.clone(),
            fail_fast: self.fail_fast,
        }
    }

    /// Whether the request replaces a stored object.
    pub fn replaces(&self) -> bool {
        let operation = self.request.operation.as_deref();
        matches!(operation, Some("UPDATE" | "DELETE"))
    }

    /// As it is saved and shared: with a stored object also where the operation has no use for it.
    pub fn example(&self) -> SharedExample {
        let mut call = self.call();
        call.old_objects = given(OLD, &self.old).into_iter().collect();
        SharedExample {
            call,
            title: self.title.to_string(),
        }
    }

    /// A name for a new policy file that no other has.
    pub fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &str| self.policies.iter().any(|file| &*file.name == name);
        if !taken(wanted) {
            return wanted.to_owned();
        }
        let (stem, end) = wanted.rsplit_once('.').unwrap_or((wanted, "yaml"));
        (2..)
            .map(|n| format!("{stem}-{n}.{end}"))
            .find(|name| !taken(name))
            .unwrap_or_default()
    }
}

/// A text as a source, unless it is empty.
fn given(name: &str, text: &str) -> Option<SourceFile> {
    (!text.trim().is_empty()).then(|| SourceFile {
        name: name.to_owned(),
        text: text.to_owned(),
    })
}

impl From<SharedExample> for Work {
    fn from(example: SharedExample) -> Self {
        let call = example.call;
        let mut work = Self {
            policies: Vec::new(),
            object: join(call.objects.iter().map(|file| &*file.text)),
            old: join(call.old_objects.iter().map(|file| &*file.text)),
            namespace: call
                .namespace
                .map(|file| lines(&file.text))
                .unwrap_or_default(),
            request: call.request,
            server: call.server,
            show_admitted: call.show_admitted,
            show_outcomes: call.show_outcomes,
            kubernetes: call
                .kubernetes
                .as_deref()
                .filter(|version| KUBERNETES.contains(version))
                .unwrap_or("1.36")
                .into(),
            labels: call.labels,
            profile: call.profile,
            fail_fast: call.fail_fast,
            title: example.title.into(),
        };
        for file in call.policies.into_iter().chain(call.params) {
            let name = work.free_name(&file.name);
            work.policies.push(File::new(&name, &file.text));
        }
        work
    }
}

/// The texts of several files as one stream: the page has one editor for objects.
pub fn join<'t>(texts: impl IntoIterator<Item = &'t str>) -> Rc<str> {
    let mut text = String::new();
    for one in texts {
        if !text.is_empty() {
            if !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str("---\n");
        }
        text.push_str(one);
    }
    lines(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(objects: &[&str], policies: &[(&str, &str)]) -> SharedExample {
        let file = |name: &str, text: &str| SourceFile {
            name: name.into(),
            text: text.into(),
        };
        SharedExample {
            call: EvaluateCall {
                objects: objects.iter().map(|text| file("o", text)).collect(),
                policies: policies
                    .iter()
                    .map(|(name, text)| file(name, text))
                    .collect(),
                ..EvaluateCall::default()
            },
            title: "t".into(),
        }
    }

    #[test]
    fn what_is_shared_is_what_was_worked_on() {
        let mut work = Work::from(example(&["a: 1\n"], &[("p.yaml", "p")]));
        assert_eq!(Work::from(work.example()), work);
        work.old = "a: 0\n".into();
        assert_eq!(Work::from(work.example()), work);
    }

    #[test]
    fn a_stored_object_counts_where_it_is_replaced() {
        let mut work = Work::from(example(&[], &[]));
        work.old = "a: 0\n".into();
        assert_eq!(work.call().old_objects, []);
        work.request.operation = Some("UPDATE".into());
        assert_eq!(work.call().old_objects.len(), 1);
    }

    #[test]
    fn objects_of_several_files_become_one_stream() {
        let work = Work::from(example(&["a: 1", "b: 2\r\n"], &[]));
        assert_eq!(&*work.object, "a: 1\n---\nb: 2\n");
    }

    #[test]
    fn policies_of_one_name_are_told_apart() {
        let work = Work::from(example(
            &[],
            &[("p.yaml", "1"), ("p.yaml", "2"), ("p.yaml", "3")],
        ));
        let names: Vec<_> = work.policies.iter().map(|file| &*file.name).collect();
        assert_eq!(names, ["p.yaml", "p-2.yaml", "p-3.yaml"]);
    }

    #[test]
    fn an_unknown_version_becomes_the_newest() {
        let mut shared = example(&[], &[]);
        shared.call.kubernetes = Some("1.2".into());
        assert_eq!(&*Work::from(shared).kubernetes, "1.36");
    }
}
