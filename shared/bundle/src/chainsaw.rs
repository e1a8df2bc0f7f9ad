//! Chainsaw suites: policies applied to a cluster, resources sent to namespaces that choose the
//! policies in one way or another, and what the cluster has to answer.

use serde_json::{Map, Value as Json, json};
use vapwright_cel::document::Node;
use vapwright_kube::json::{from_value, to_value};
use vapwright_kube::kinds::{Gvk, find};
use vapwright_kube::yaml;

use crate::render::RenderedFile;

/// The file that Chainsaw looks for.
pub const CHAINSAW_TEST: &str = "chainsaw-test.yaml";

/// The test of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// The source policy's name.
    pub name: String,
    /// The admission policies and bindings that are applied.
    pub policies: Vec<Node>,
    /// Resources that keep to the policy.
    pub good: Vec<Node>,
    /// Resources that do not.
    pub bad: Vec<Node>,
    /// Where they are sent.
    pub cases: Vec<Case>,
}

/// A namespace, and what becomes of the resources in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// A word for the namespace's name, such as `bound`.
    pub name: String,
    /// What it shows, in a few words.
    pub about: String,
    /// The namespace's labels.
    pub labels: Vec<(String, String)>,
    /// For each good resource.
    pub good: Vec<Outcome>,
    /// For each bad resource.
    pub bad: Vec<Outcome>,
}

/// What the cluster answers to a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is created.
    Admitted,
    /// It is denied with one of these errors: a cluster reports one of all denials.
    Denied(Vec<String>),
    /// It is refused whatever the policies say.
    Refused,
}

impl Outcome {
    /// The check of Chainsaw's for it; none where nothing may go wrong.
    fn check(&self) -> Option<Json> {
        match self {
            Self::Admitted => None,
            Self::Denied(texts) => Some(match texts.as_slice() {
                [text] => json!({ "($error)": text }),
                _ => {
                    // a JMESPath literal, which a backtick would end
                    let texts = json!(texts).to_string().replace('`', "\\`");
                    json!({ format!("(contains(`{texts}`, $error))"): true })
                }
            }),
            Self::Refused => Some(json!({ "($error != null)": true })),
        }
    }
}

impl Suite {
    /// The suite's files.
    #[must_use]
    pub fn files(&self) -> Vec<RenderedFile> {
        let documents = |name: &str, documents: &[Node]| RenderedFile {
            name: name.to_owned(),
            text: yaml::write_all(documents),
        };
        let namespaces: Vec<Node> = self
            .cases
            .iter()
            .map(|case| {
                let labels: Map<String, Json> = case
                    .labels
                    .iter()
                    .map(|(key, value)| (key.clone(), json!(value)))
                    .collect();
                let metadata = json!({ "name": self.namespace(case), "labels": labels });
                from_value(
                    &json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata }),
                )
            })
            .collect();
        let templates = |resources: &[Node]| resources.iter().map(template).collect::<Vec<_>>();
        let mut files = vec![
            documents(CHAINSAW_TEST, &[from_value(&self.test())]),
            documents("policies.yaml", &self.policies),
            documents("namespaces.yaml", &namespaces),
        ];
        for (name, resources) in [("good.yaml", &self.good), ("bad.yaml", &self.bad)] {
            if !resources.is_empty() {
                files.push(documents(name, &templates(resources)));
            }
        }
        files
    }

    fn namespace(&self, case: &Case) -> String {
        // a name of 63 letters is the longest that there may be
        let room = 63 - "chainsaw--".len() - case.name.len().min(40);
        let name: String = self.name.chars().take(room).collect();
        format!("chainsaw-{}-{}", name.trim_end_matches('-'), case.name)
    }

    fn test(&self) -> Json {
        let mut steps = vec![json!({
            "name": "policies and namespaces",
            "try": [
                { "apply": { "file": "policies.yaml" } },
                { "apply": { "file": "namespaces.yaml" } },
            ],
        })];
        for case in &self.cases {
            // Bad resources first: policies take a moment to be in force, and Chainsaw tries again
            // until one is denied. What is admitted after that was looked at.
            let mut operations = Vec::new();
            let files = [
                ("bad.yaml", &self.bad, &case.bad),
                ("good.yaml", &self.good, &case.good),
            ];
            for (file, resources, outcomes) in files {
                if !resources.is_empty() {
                    operations.push(self.create(file, case, resources, outcomes));
                }
            }
            steps.push(json!({
                "name": case.name,
                "description": case.about,
                "try": operations,
            }));
        }
        json!({
            "apiVersion": "chainsaw.kyverno.io/v1alpha1",
            "kind": "Test",
            "metadata": { "name": self.name },
            "spec": {
                "description": format!(
                    "the policy {} by what namespaces choose: resources are created as a dry run",
                    self.name
                ),
                // policies are of the whole cluster, and labels may bind those of other tests
                "concurrent": false,
                "timeouts": { "apply": "1m", "delete": "2m", "cleanup": "2m" },
                "steps": steps,
            },
        })
    }

    fn create(&self, file: &str, case: &Case, resources: &[Node], outcomes: &[Outcome]) -> Json {
        let expectations: Vec<Json> = resources
            .iter()
            .zip(outcomes)
            .filter_map(|(resource, outcome)| {
                let json = to_value(resource);
                Some(json!({
                    "match": {
                        "apiVersion": json.get("apiVersion"),
                        "kind": json.get("kind"),
                        "metadata": { "name": json.pointer("/metadata/name") },
                    },
                    "check": outcome.check()?,
                }))
            })
            .collect();
        let mut create = json!({
            "file": file,
            "dryRun": true,
            "timeout": "1m",
            "bindings": [{ "name": "target", "value": self.namespace(case) }],
        });
        if !expectations.is_empty()
            && let Some(fields) = create.as_object_mut()
        {
            fields.insert("expect".to_owned(), json!(expectations));
        }
        json!({ "create": create })
    }
}

/// A resource that goes to the namespace which the test says.
fn template(resource: &Node) -> Node {
    let mut resource = resource.clone();
    let namespaced = Gvk::of(&resource).and_then(|kind| find(&kind));
    if namespaced.is_none_or(|kind| kind.namespaced)
        && let Some(fields) = resource.as_map_mut()
        && let Some(metadata) = fields.get_mut("metadata").and_then(Node::as_map_mut)
    {
        metadata.insert("namespace", Node::string("($target)"));
    }
    resource
}
