//! What a live API server answered to the scenes of `tests/cluster`: bindings, parameters,
//! subresources, changed labels, deletions. `make record` asks it anew.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json, json};
use vapwright_admission::compile::{CompiledPolicy, compile};
use vapwright_admission::custom::other_versions;
use vapwright_admission::evaluate::{Verdict, evaluate};
use vapwright_admission::policy::{Binding, Policy};
use vapwright_admission::request::{Operation, Request, Resource, User};
use vapwright_admission::type_check::type_check;
use vapwright_admission::wording;
use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::admit::{Settings, admit};
use vapwright_kube::json::from_value;
use vapwright_kube::kinds::Gvk;
use vapwright_kube::schema::built_in;
use vapwright_kube::yaml;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cluster")
}

fn lines(name: &str) -> Vec<Json> {
    let text = std::fs::read_to_string(folder().join("recorded").join(name)).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

/// The custom kinds of the scenes.
fn definitions() -> Vec<Node> {
    let text = std::fs::read_to_string(folder().join("cases/definitions.yaml")).unwrap();
    let documents = yaml::read(&text).documents.into_iter();
    documents.map(|document| document.node).collect()
}

fn text<'j>(json: &'j Json, pointer: &str) -> &'j str {
    let found = json.pointer(pointer).and_then(Json::as_str);
    found.unwrap_or_default()
}

/// A scene: what is stored, and the policies with their bindings.
struct Scene {
    name: String,
    namespaces: Map<String, Json>,
    stored: Vec<Node>,
    policies: Vec<(CompiledPolicy, Vec<Binding>)>,
}

impl Scene {
    fn new(head: &Json) -> Self {
        let objects = head["policies"].as_array().unwrap();
        let of_kind = |kind: &'static str| objects.iter().filter(move |o| o["kind"] == kind);
        let policies = of_kind("ValidatingAdmissionPolicy").map(|object| {
            let (policy, problems) = Policy::read(&from_value(object));
            assert_eq!(problems, Vec::new());
            let bindings = of_kind("ValidatingAdmissionPolicyBinding")
                .filter(|binding| binding["spec"]["policyName"] == object["metadata"]["name"])
                .map(|binding| Binding::read(&from_value(binding)).0);
            let policy = compile(policy, KubernetesVersion::new(36));
            (policy, bindings.collect())
        });
        let stored = head["stored"].as_array().into_iter().flatten();
        let mut stored: Vec<Node> = stored.map(from_value).collect();
        let definitions = std::fs::read_to_string(folder().join("cases/definitions.yaml")).unwrap();
        stored.extend(
            yaml::read(&definitions)
                .documents
                .into_iter()
                .map(|d| d.node),
        );
        Self {
            name: text(head, "/scene").to_owned(),
            namespaces: head["namespaces"].as_object().unwrap().clone(),
            stored,
            policies: policies.collect(),
        }
    }

    /// A Namespace as admission has it: with its name as a label.
    fn namespace(&self, name: &str) -> Option<Node> {
        let mut labels = self.namespaces.get(name)?.as_object().unwrap().clone();
        labels.insert("kubernetes.io/metadata.name".to_owned(), json!(name));
        Some(from_value(
            &json!({ "metadata": { "name": name, "labels": labels } }),
        ))
    }

    /// The request that the API server makes of an HTTP request; `None` for one that admission does
    /// not see.
    fn request(&self, record: &Json) -> Option<Request> {
        let path = text(record, "/path").trim_start_matches('/');
        let mut parts = path.split('/').skip(1).collect::<Vec<_>>();
        let group = if path.starts_with("apis/") {
            parts.remove(0)
        } else {
            ""
        };
        let version = parts.remove(0);
        let mut namespace = "";
        if parts.len() > 2 && parts[0] == "namespaces" && parts[2] != "status" {
            namespace = parts[1];
            parts.drain(..2);
        }
        let resource = Resource {
            group: group.to_owned(),
            version: version.to_owned(),
            resource: parts[0].to_owned(),
        };
        let name = parts.get(1).copied().unwrap_or_default();
        let subresource = parts.get(2).copied().unwrap_or_default();
        let connects = ["exec", "attach", "portforward", "proxy"].contains(&subresource);
        let operation = match text(record, "/method") {
            _ if connects => Operation::Connect,
            "POST" => Operation::Create,
            "PUT" | "PATCH" => Operation::Update,
            "DELETE" => Operation::Delete,
            _ => return None,
        };

        let body = record.get("body").unwrap_or(&Json::Null);
        let old = record.get("old").map(from_value);
        let mut object = match text(record, "/method") {
            "PATCH" => merged(&record["old"], body),
            _ => body.clone(),
        };
        if operation == Operation::Connect {
            object = options(&resource, subresource, &record["query"]);
        }
        let kind = match object.get("kind") {
            Some(_) => Gvk::new(text(&object, "/apiVersion"), text(&object, "/kind")),
            None => Gvk::new(text(record, "/old/apiVersion"), text(record, "/old/kind")),
        };
        let node = from_value(&object);
        let settings = Settings {
            namespace: namespace.to_owned(),
            ..Settings::default()
        };
        let object = match operation {
            Operation::Create => Some(named(admit(&node, &settings).node, name)),
            Operation::Update | Operation::Connect => Some(node),
            Operation::Delete => None,
        };
        let of_object = |field| object.as_ref()?.at(&["metadata", field])?.as_str();
        let name = [name, of_object("name").unwrap_or_default()]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default()
            .to_owned();
        let about_namespace = resource.resource == "namespaces";
        Some(Request {
            namespace: if about_namespace { &name } else { namespace }.to_owned(),
            namespace_object: match operation {
                // Admission asks for the Namespace object of what is in it, and to select one.
                _ if !about_namespace => self.namespace(namespace),
                Operation::Create => None,
                _ => self.namespace(&name),
            },
            kind,
            others: other_versions(&resource, &self.stored),
            resource,
            subresource: subresource.to_owned(),
            operation,
            name,
            object,
            old_object: old,
            dry_run: !connects,
            options: Request::plain_options(operation, !connects),
            user: User {
                name: "kubernetes-admin".to_owned(),
                ..User::default()
            },
            ..Request::default()
        })
    }

    /// The warnings and the denials of a request under a policy.
    fn answer(&self, policy: usize, request: &Request) -> (BTreeSet<String>, Vec<String>) {
        let mut warnings = BTreeSet::new();
        let mut denials = Vec::new();
        let (policy, bindings) = &self.policies[policy];
        for binding in bindings {
            for row in evaluate(policy, binding, request, &self.stored) {
                match row.verdict {
                    Verdict::Warned => drop(warnings.insert(row.text)),
                    Verdict::Denied => {
                        let message = wording::forbidden(request, &row.text);
                        denials.push(format!("{} {message}", row.reason));
                    }
                    _ => {}
                }
            }
        }
        (warnings, denials)
    }
}

/// A JSON merge patch.
fn merged(old: &Json, patch: &Json) -> Json {
    let Json::Object(patch) = patch else {
        return patch.clone();
    };
    let mut fields = old.as_object().cloned().unwrap_or_default();
    for (name, value) in patch {
        if value.is_null() {
            fields.remove(name);
        } else {
            let old = fields.get(name).unwrap_or(&Json::Null);
            fields.insert(name.clone(), merged(old, value));
        }
    }
    Json::Object(fields)
}

/// What the API server makes of the query of a CONNECT request.
fn options(resource: &Resource, subresource: &str, query: &Json) -> Json {
    let kinds = built_in().kinds.iter();
    let kind = kinds
        .filter(|kind| kind.resource == resource.resource && kind.gvk.group == resource.group)
        .find_map(|kind| kind.subresources.iter().find(|sub| sub.name == subresource))
        .unwrap();
    let mut fields = Map::new();
    fields.insert("apiVersion".to_owned(), json!(kind.gvk.api_version()));
    fields.insert("kind".to_owned(), json!(kind.gvk.kind));
    for (name, value) in query.as_object().into_iter().flatten() {
        let value = match (&**name, value.as_str().unwrap()) {
            ("command", command) => json!([command]),
            (_, "true") => json!(true),
            (_, value) => json!(value),
        };
        fields.insert(name.clone(), value);
    }
    Json::Object(fields)
}

/// The object with the name that the path gives, or that the API server generates.
fn named(mut object: Node, name: &str) -> Node {
    let text = |object: &Node, field| {
        let text = object.at(&["metadata", field]).and_then(Node::as_str);
        text.unwrap_or_default().to_owned()
    };
    let generated = text(&object, "generateName");
    let name = match name {
        "" if !generated.is_empty() => format!("{generated}x7k2p"),
        name => name.to_owned(),
    };
    if text(&object, "name").is_empty()
        && !name.is_empty()
        && let Some(Node::Map(metadata)) = object.as_map_mut().and_then(|f| f.get_mut("metadata"))
    {
        metadata.insert("name", Node::string(name));
    }
    object
}

/// How an answer differs from the live server's; empty where it does not.
fn difference(scene: &Scene, policy: usize, request: Option<&Request>, live: &Json) -> String {
    let (warnings, denials) =
        request.map_or_else(Default::default, |request| scene.answer(policy, request));
    let expected = live["warnings"].as_array().into_iter().flatten();
    let expected: BTreeSet<String> = expected
        .map(|warning| warning.as_str().unwrap().to_owned())
        .collect();
    let mut text = String::new();
    for missing in expected.difference(&warnings) {
        text += &format!("\n  missing  {missing}");
    }
    for added in warnings.difference(&expected) {
        text += &format!("\n  added    {added}");
    }
    let denied = text_of_denial(live);
    // A real server reports one denial.
    if denied
        .as_ref()
        .map_or(!denials.is_empty(), |denial| !denials.contains(denial))
    {
        text += &format!("\n  denied   {denied:?}\n  here     {denials:?}");
    }
    text
}

fn text_of_denial(live: &Json) -> Option<String> {
    let message = text(live, "/message");
    message
        .contains("ValidatingAdmissionPolicy")
        .then(|| format!("{} {message}", text(live, "/reason")))
}

#[test]
fn scenes_are_answered_as_by_the_live_server() {
    let mut scene = None;
    let mut different = Vec::new();
    let (mut pairs, mut said) = (0, 0);
    for record in lines("matching.jsonl") {
        if record.get("scene").is_some() {
            scene = Some(Scene::new(&record));
            continue;
        }
        let scene = scene.as_ref().unwrap();
        let request = scene.request(&record);
        let path = text(&record, "/path");
        for (index, (policy, _)) in scene.policies.iter().enumerate() {
            let name = &*policy.policy.name;
            let live = record["answers"].get(name).unwrap_or(&Json::Null);
            pairs += 1;
            said += usize::from(!live.is_null());
            let difference = difference(scene, index, request.as_ref(), live);
            if !difference.is_empty() {
                let method = text(&record, "/method");
                different.push(format!(
                    "{}, {name}: {method} {path}{difference}",
                    scene.name
                ));
            }
        }
    }
    println!("{pairs} pairs of request and policy, {said} with a warning or a denial");
    assert!(
        different.is_empty(),
        "{} differ\n{}",
        different.len(),
        different.join("\n")
    );
}

/// `status.typeChecking` of policies, to the letter but for the digits that the cluster's clock
/// adds to a type's name, which the recorder leaves out.
#[test]
fn types_are_checked_as_by_the_live_cluster() {
    let definitions = definitions();
    let mut different = Vec::new();
    let (mut policies, mut warned) = (0, 0);
    for record in lines("type-checking.jsonl") {
        let (policy, problems) = Policy::read(&from_value(&record["policy"]));
        assert_eq!(problems, Vec::new());
        let found = type_check(&policy, &definitions, KubernetesVersion::new(36));
        let found: Vec<(String, String)> = found
            .into_iter()
            .map(|warning| (warning.path.to_string(), warning.text))
            .collect();
        let expected = record["warnings"].as_array().unwrap().iter();
        let expected: Vec<(String, String)> = expected
            .map(|warning| (text(warning, "/fieldRef"), text(warning, "/warning")))
            .map(|(path, warning)| (path.to_owned(), warning.to_owned()))
            .collect();
        policies += 1;
        warned += usize::from(!expected.is_empty());
        let name = &policy.name;
        for one in expected.iter().filter(|one| !found.contains(one)) {
            different.push(format!("{name}: missing {}\n{}", one.0, one.1));
        }
        for one in found.iter().filter(|one| !expected.contains(one)) {
            different.push(format!("{name}: added {}\n{}", one.0, one.1));
        }
    }
    println!("{policies} policies, {warned} with warnings");
    assert!(
        different.is_empty(),
        "{} differ\n{}",
        different.len(),
        different.join("\n")
    );
}
