//! Makes the table of kinds and fields that `vapwright_kube::schema` reads.
//!
//! ```text
//! cargo run -p vapwright-kube --example generate-schema -- VERSION FOLDER [PREFIX=GO-FOLDER]... > shared/kube/src/schema/VERSION.txt
//! ```
//!
//! FOLDER holds a cluster's OpenAPI v3 documents (`kubectl get --raw /openapi/v3/api/v1`, one
//! file each, `.json` or `.json.gz`) and, where it was kept, its aggregated discovery
//! (`discovery-*.json`): without, the kinds are those of the documents' paths. A VERSION of `-`
//! is the one that the documents tell. A GO-FOLDER holds the Go types whose schemas have names that begin with PREFIX
//! (`io.k8s.api=.../k8s.io/api@v0.36.2`): from them come the two facts that OpenAPI does not
//! tell, whether a field is a pointer and whether its zero value is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: generate-schema VERSION FOLDER [PREFIX=GO-FOLDER]...";
    let version = arguments.next().ok_or(usage)?;
    let folder = arguments.next().ok_or(usage)?;
    let mut go = GoTypes::default();
    for argument in arguments {
        let (prefix, folder) = argument.split_once('=').ok_or(usage)?;
        go.read_folder(prefix, Path::new(folder))?;
    }
    let mut source = Source::default();
    for entry in fs::read_dir(folder)? {
        source.read_file(&entry?.path())?;
    }
    let version = match version.as_str() {
        "-" => source.version.clone(),
        given => given.to_owned(),
    };
    print!("{}", source.table(&version, &go)?);
    eprintln!(
        "Kubernetes {version}: {} schemas, Go types of {} structs",
        source.schemas.len(),
        go.structs.len()
    );
    Ok(())
}

/// What a field of a Go struct says of itself.
#[derive(Clone, Debug)]
struct GoField {
    go_type: String,
    /// `omitempty`: left out when it is zero, but for a struct that is no pointer.
    omit_empty: bool,
    /// `omitzero`: left out when it is zero, structs too.
    omit_zero: bool,
}

/// The structs of Go packages by the names their schemas have.
#[derive(Default)]
struct GoTypes {
    structs: BTreeMap<String, BTreeMap<String, GoField>>,
    embedded: BTreeMap<String, Vec<String>>,
}

impl GoTypes {
    fn read_folder(&mut self, prefix: &str, folder: &Path) -> Result<()> {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<_>>()?;
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                self.read_folder(&format!("{prefix}.{name}"), &path)?;
            } else if name.ends_with(".go") && !name.ends_with("_test.go") {
                self.read_source(prefix, &fs::read_to_string(&path)?);
            }
        }
        Ok(())
    }

    fn read_source(&mut self, package: &str, text: &str) {
        let mut current: Option<String> = None;
        // the packages that go by another name
        let mut aliases: Vec<(String, String)> = Vec::new();
        for line in text.lines() {
            if let [alias, path] = line.split_whitespace().collect::<Vec<_>>().as_slice()
                && let Some(path) = path
                    .strip_prefix('"')
                    .and_then(|path| path.strip_suffix('"'))
            {
                let package = path.rsplit('/').next().unwrap_or(path);
                aliases.push(((*alias).to_owned(), package.to_owned()));
            }
            if let Some(rest) = line.strip_prefix("type ") {
                current = rest
                    .strip_suffix(" struct {")
                    .map(|name| format!("{package}.{name}"));
                continue;
            }
            let Some(name) = &current else { continue };
            if line.starts_with('}') {
                current = None;
                continue;
            }
            let Some((head, tag)) = line.split_once("`json:\"") else {
                continue;
            };
            let Some((tag, _)) = tag.split_once('"') else {
                continue;
            };
            let words: Vec<&str> = head.split_whitespace().collect();
            let mut parts = tag.split(',');
            let json = parts.next().unwrap_or_default();
            let options: BTreeSet<&str> = parts.collect();
            match words.as_slice() {
                [embedded] if json.is_empty() => {
                    let short = embedded.rsplit('.').next().unwrap_or(embedded);
                    let embedded = if embedded.contains("metav1.") || embedded.starts_with("v1.") {
                        format!("io.k8s.apimachinery.pkg.apis.meta.v1.{short}")
                    } else {
                        format!("{package}.{short}")
                    };
                    self.embedded
                        .entry(name.clone())
                        .or_default()
                        .push(embedded);
                }
                [_, go_type] => {
                    let mut go_type = (*go_type).to_owned();
                    // `[]*apiv1.Name`: the package stands before the only dot
                    let package = go_type.split('.').next().unwrap_or_default();
                    let bare = package.trim_start_matches(['*', '[', ']']);
                    if let Some((_, real)) = aliases.iter().find(|(alias, _)| alias == bare)
                        && go_type.matches('.').count() == 1
                    {
                        go_type = go_type.replacen(&format!("{bare}."), &format!("{real}."), 1);
                    }
                    let field = GoField {
                        go_type,
                        omit_empty: options.contains("omitempty"),
                        omit_zero: options.contains("omitzero"),
                    };
                    let fields = self.structs.entry(name.clone()).or_default();
                    fields.insert(json.to_owned(), field);
                }
                _ => {}
            }
        }
    }

    /// A field, and the embedded struct it is in.
    fn field(&self, name: &str, json: &str) -> Option<(&GoField, Option<&str>)> {
        if let Some(field) = self.structs.get(name).and_then(|fields| fields.get(json)) {
            return Some((field, None));
        }
        let embedded = self.embedded.get(name)?;
        embedded.iter().find_map(|embedded| {
            let (field, _) = self.field(embedded, json)?;
            Some((field, Some(short(embedded))))
        })
    }
}

/// What a cluster says of its API.
#[derive(Default)]
struct Source {
    /// The version that the documents tell.
    version: String,
    schemas: BTreeMap<String, Value>,
    discovery: Vec<Value>,
    paths: BTreeMap<String, Value>,
}

/// A kind that can be sent to a cluster.
#[derive(Default)]
struct Kind {
    resource: String,
    namespaced: bool,
    creatable: bool,
    subresources: Vec<(String, String)>,
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn reference(value: &Value) -> Option<&str> {
    let own = value.get("$ref").and_then(Value::as_str);
    let first = || list(value, "allOf").first()?.get("$ref")?.as_str();
    own.or_else(first)?.rsplit('/').next()
}

impl Source {
    fn read_file(&mut self, path: &Path) -> Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = fs::read(path)?;
        let mut content = String::new();
        if name.ends_with(".json.gz") {
            flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut content)?;
        } else if name.ends_with(".json") {
            content = String::from_utf8(bytes)?;
        } else {
            return Ok(());
        }
        let value: Value = serde_json::from_str(&content)?;
        if name.starts_with("discovery") {
            self.discovery.push(value);
            return Ok(());
        }
        if let Some(info) = value.get("info") {
            text(info, "version")
                .trim_start_matches('v')
                .clone_into(&mut self.version);
        }
        if let Some(Value::Object(paths)) = value.get("paths") {
            self.paths.extend(paths.clone());
        }
        let components = value.get("components").unwrap_or(&value);
        let schemas = components.get("schemas").and_then(Value::as_object);
        for (name, schema) in schemas.into_iter().flatten() {
            self.schemas.insert(name.clone(), schema.clone());
        }
        Ok(())
    }

    /// Kinds by group, version and kind.
    fn kinds(&self) -> BTreeMap<(String, String, String), Kind> {
        let mut kinds: BTreeMap<_, Kind> = BTreeMap::new();
        for group in self.discovery.iter().flat_map(|found| list(found, "items")) {
            let name = group
                .get("metadata")
                .map_or("", |metadata| text(metadata, "name"));
            for version in list(group, "versions") {
                let of = text(version, "version");
                for resource in list(version, "resources") {
                    let Some(kind) = resource.get("responseKind") else {
                        continue;
                    };
                    let creatable = list(resource, "verbs").iter().any(|verb| verb == "create");
                    let subresources = list(resource, "subresources")
                        .iter()
                        .map(|subresource| {
                            let kind = subresource.get("responseKind").unwrap_or(&Value::Null);
                            let own = text(kind, "version").is_empty();
                            let (group, version) = if own {
                                (name, of)
                            } else {
                                (text(kind, "group"), text(kind, "version"))
                            };
                            let kind = format!("{group}/{version}/{}", text(kind, "kind"));
                            (text(subresource, "subresource").to_owned(), kind)
                        })
                        .collect();
                    let key = (
                        name.to_owned(),
                        of.to_owned(),
                        text(kind, "kind").to_owned(),
                    );
                    kinds.insert(
                        key,
                        Kind {
                            resource: text(resource, "resource").to_owned(),
                            namespaced: text(resource, "scope") == "Namespaced",
                            creatable,
                            subresources,
                        },
                    );
                }
            }
        }
        if self.discovery.is_empty() {
            self.kinds_of_paths(&mut kinds);
        }
        // kinds that are only sent to subresources
        let only: Vec<_> = kinds
            .values()
            .flat_map(|kind| kind.subresources.iter().map(|(_, kind)| kind.clone()))
            .collect();
        for kind in only {
            let mut parts = kind.split('/').map(str::to_owned);
            if let (Some(group), Some(version), Some(kind)) =
                (parts.next(), parts.next(), parts.next())
            {
                kinds.entry((group, version, kind)).or_default();
            }
        }
        kinds
    }

    /// The same from the paths that requests go to.
    fn kinds_of_paths(&self, kinds: &mut BTreeMap<(String, String, String), Kind>) {
        const IN_NAMESPACE: &str = "namespaces/{namespace}/";
        let kind_of = |path: &Value| {
            let operations = path.as_object()?.values();
            let mut found = operations.filter_map(|one| one.get("x-kubernetes-group-version-kind"));
            found.next().cloned()
        };
        let mut subresources = Vec::new();
        for (path, found) in &self.paths {
            let Some((group, version, rest)) = split_path(path) else {
                continue;
            };
            let (scope, rest) = match rest.strip_prefix(IN_NAMESPACE) {
                Some(rest) => (true, rest),
                None => (false, rest),
            };
            let Some(gvk) = kind_of(found) else { continue };
            let own = |key: &str| text(&gvk, key).to_owned();
            let parts: Vec<&str> = rest.split('/').collect();
            match parts.as_slice() {
                // a list of all namespaces is told apart from one that is in none by its verbs
                [resource] if !resource.contains('{') => {
                    let entry = kinds
                        .entry((own("group"), own("version"), own("kind")))
                        .or_default();
                    (*resource).clone_into(&mut entry.resource);
                    entry.namespaced |= scope;
                    entry.creatable |= found.get("post").is_some();
                }
                [resource, "{name}" | "{namespace}", subresource] => {
                    let kind = format!("{}/{}/{}", own("group"), own("version"), own("kind"));
                    let of = (group.to_owned(), version.to_owned(), (*resource).to_owned());
                    subresources.push((of, (*subresource).to_owned(), kind));
                }
                _ => {}
            }
        }
        for ((group, version, resource), subresource, kind) in subresources {
            let mut owners = kinds.iter_mut();
            let owner = owners.find(|((of, at, _), kind)| {
                *of == group && *at == version && kind.resource == resource
            });
            if let Some((_, owner)) = owner {
                owner.subresources.push((subresource, kind));
            }
        }
    }

    /// The schema of a kind.
    fn schema_of(&self, group: &str, version: &str, kind: &str) -> Option<&str> {
        self.schemas.iter().find_map(|(name, schema)| {
            let found = list(schema, "x-kubernetes-group-version-kind");
            found
                .iter()
                .any(|gvk| {
                    text(gvk, "group") == group
                        && text(gvk, "version") == version
                        && text(gvk, "kind") == kind
                })
                .then_some(name.as_str())
        })
    }

    fn table(&self, version: &str, go: &GoTypes) -> Result<String> {
        let kinds = self.kinds();
        let mut order: Vec<&str> = Vec::new();
        for (group, version, kind) in kinds.keys() {
            if let Some(name) = self.schema_of(group, version, kind)
                && !order.contains(&name)
            {
                order.push(name);
            }
        }
        // all that they are made of
        let mut index = 0;
        while let Some(name) = order.get(index).copied() {
            index += 1;
            let properties = self.properties(name);
            for schema in properties.values() {
                let mut schema = *schema;
                loop {
                    if let Some(name) = reference(schema) {
                        let (name, schema) = self
                            .schemas
                            .get_key_value(name)
                            .ok_or_else(|| format!("no schema {name}"))?;
                        if schema.get("properties").is_some() && !order.contains(&name.as_str()) {
                            order.push(name);
                        }
                        break;
                    }
                    match schema
                        .get("items")
                        .or_else(|| schema.get("additionalProperties"))
                    {
                        Some(inner) => schema = inner,
                        None => break,
                    }
                }
            }
        }
        let numbers: BTreeMap<&str, usize> = order
            .iter()
            .enumerate()
            .map(|(number, name)| (*name, number))
            .collect();

        let mut out = format!("version {version}\n");
        for ((group, version, kind), found) in &kinds {
            let number = self
                .schema_of(group, version, kind)
                .and_then(|name| numbers.get(name))
                .map_or("-".to_owned(), usize::to_string);
            let subresources: Vec<_> = found
                .subresources
                .iter()
                .map(|(name, of)| {
                    if *of == format!("{group}/{version}/{kind}") {
                        name.clone()
                    } else {
                        format!("{name}={of}")
                    }
                })
                .collect();
            writeln!(
                out,
                "kind {group}/{version}/{kind} {} {}{} {number} {}",
                if found.resource.is_empty() {
                    "-"
                } else {
                    &found.resource
                },
                if found.namespaced { 'N' } else { 'C' },
                if found.creatable { "c" } else { "" },
                subresources.join(",")
            )?;
        }
        for name in &order {
            let atomic = self.schemas.get(*name).map(map_type).unwrap_or_default();
            writeln!(out, "type {}{atomic}", go_name(name))?;
            for (field, schema) in self.properties(name) {
                let facts = go.field(name, field);
                writeln!(out, "{}", self.field(field, schema, facts, &numbers)?)?;
            }
        }
        Ok(out)
    }

    fn properties(&self, name: &str) -> BTreeMap<&str, &Value> {
        self.schemas
            .get(name)
            .and_then(|schema| schema.get("properties"))
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, schema)| (name.as_str(), schema))
            .collect()
    }

    fn field(
        &self,
        name: &str,
        schema: &Value,
        facts: Option<(&GoField, Option<&str>)>,
        numbers: &BTreeMap<&str, usize>,
    ) -> Result<String> {
        let form = self.form(schema, numbers)?;
        let mut line = format!("{name} {form}{}", map_type(schema));
        let default = schema.get("default");
        let zero = default.is_some_and(is_zero);
        let by_value = reference(schema).is_some();
        let (pointer, omit) = match facts {
            Some((facts, _)) => (
                facts.go_type.starts_with('*'),
                facts.omit_zero
                    || facts.omit_empty && (!by_value || facts.go_type.starts_with('*')),
            ),
            // a type whose Go source was not given: what has a zero default is always there
            None => (false, !zero),
        };
        if pointer {
            line.push('?');
        }
        if !omit {
            line.push('!');
        }
        // a zero default of a pointer is a value, of anything else it is none
        let is_value = |default: &&Value| !is_zero(default) || pointer && !default.is_object();
        if let Some(default) = default.filter(is_value) {
            write!(line, "={default}")?;
        }
        if let Some((facts, embedded)) = facts {
            if let Some(embedded) = embedded.filter(|name| *name != "TypeMeta") {
                write!(line, "^{embedded}")?;
            }
            let refers = form.ends_with(|last: char| last.is_ascii_digit());
            if let Some(named) = named(&facts.go_type).filter(|_| !refers) {
                write!(line, ":{named}")?;
            }
        }
        Ok(line)
    }

    /// How a value's type is written in the table.
    fn form(&self, schema: &Value, numbers: &BTreeMap<&str, usize>) -> Result<String> {
        if let Some(name) = reference(schema) {
            if let Some(number) = numbers.get(name) {
                return Ok(number.to_string());
            }
            return Ok(match short(name) {
                "Quantity" => "q",
                "IntOrString" => "x",
                "Time" => "t",
                "MicroTime" => "u",
                _ => "j",
            }
            .to_owned());
        }
        Ok(match (text(schema, "type"), text(schema, "format")) {
            ("string", "byte") => "y".into(),
            ("string", _) => "s".into(),
            ("boolean", _) => "b".into(),
            ("integer", "int32") => "i".into(),
            ("integer", _) => "l".into(),
            ("number", _) => "d".into(),
            ("array", _) => {
                let keys: Vec<_> = list(schema, "x-kubernetes-list-map-keys")
                    .iter()
                    .filter_map(Value::as_str)
                    .collect();
                let keys = match text(schema, "x-kubernetes-list-type") {
                    "map" => format!("({})", keys.join(",")),
                    "set" => "()".to_owned(),
                    _ => String::new(),
                };
                let items = schema.get("items").unwrap_or(&Value::Null);
                format!("[{keys}{}", self.form(items, numbers)?)
            }
            ("object", _) => match schema.get("additionalProperties") {
                Some(values) => format!("{{{}", self.form(values, numbers)?),
                None => "j".into(),
            },
            _ => "j".into(),
        })
    }
}

/// Group, version and what follows of a path.
fn split_path(path: &str) -> Option<(&str, &str, &str)> {
    if let Some(rest) = path.strip_prefix("/api/") {
        let (version, rest) = rest.split_once('/')?;
        return Some(("", version, rest)).filter(|_| !rest.starts_with("watch/"));
    }
    let (group, rest) = path.strip_prefix("/apis/")?.split_once('/')?;
    let (version, rest) = rest.split_once('/')?;
    Some((group, version, rest)).filter(|_| !rest.starts_with("watch/"))
}

/// How the fields of a map or struct are merged, where a schema says so.
fn map_type(schema: &Value) -> &'static str {
    match text(schema, "x-kubernetes-map-type") {
        "atomic" => "~",
        "granular" => "%",
        _ => "",
    }
}

fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The name of a type as Go's errors have it: `v1.Container`.
fn go_name(name: &str) -> String {
    let mut parts = name.rsplit('.');
    let short = parts.next().unwrap_or_default();
    format!("{}.{short}", parts.next().unwrap_or_default())
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Bool(value) => !value,
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// The name of a Go type that is neither built in nor a struct, as errors show it.
fn named(go_type: &str) -> Option<String> {
    let inner = go_type.trim_start_matches(['*', '[', ']']);
    let last = inner.rsplit('.').next()?;
    let plain = [
        "string",
        "bool",
        "int",
        "int32",
        "int64",
        "float64",
        "byte",
        "Time",
        "MicroTime",
        "Quantity",
        "IntOrString",
        "RawExtension",
        "JSON",
    ];
    if inner.starts_with("map[") || plain.contains(&last) {
        return None;
    }
    Some(inner.to_owned())
}
