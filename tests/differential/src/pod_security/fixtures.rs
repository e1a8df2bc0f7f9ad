//! The module's fixtures: Pods that must pass a level of a version, and Pods that must fail.

use std::process::Command;

use serde_json::{Value, json};
use vapwright_admission::request::Operation;
use vapwright_cel::version::KubernetesVersion;

use crate::bundle::Bundles;
use crate::requests::{Case, admitted, decided};

/// A fixture.
pub struct Fixture {
    /// The check that it is about.
    pub check: String,
    pub level: &'static str,
    pub passes: bool,
    /// What the error must say, where it must fail.
    pub expect: String,
    /// The Pod as the API server admits it.
    pub pod: Value,
}

/// Has the oracle print the fixtures of a level of a version.
pub fn read(
    oracle: &str,
    version: KubernetesVersion,
    level: &'static str,
) -> Result<Vec<Fixture>, Box<dyn std::error::Error>> {
    let output = Command::new(oracle)
        .args(["pod-security-fixtures", &version.to_string(), level])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let text = String::from_utf8(output.stdout)?;
    let mut fixtures = Vec::new();
    for line in text.lines() {
        let fixture: Value = serde_json::from_str(line)?;
        let text = |name: &str| fixture[name].as_str().unwrap_or_default().to_owned();
        let passes = fixture["passes"].as_bool();
        fixtures.push(Fixture {
            check: text("check"),
            level,
            passes: passes.ok_or("a fixture neither passes nor fails")?,
            expect: text("expect"),
            pod: admitted(&fixture["object"]),
        });
    }
    let fails = |passes| fixtures.iter().any(|fixture| fixture.passes == passes);
    if !fails(true) || !fails(false) {
        return Err(format!("{version} {level} has no fixtures of both kinds").into());
    }
    Ok(fixtures)
}

fn labels(level: &str, version: &str) -> Vec<(String, String)> {
    ["enforce", "warn", "audit"]
        .iter()
        .flat_map(|mode| {
            [
                (
                    format!("pod-security.kubernetes.io/{mode}"),
                    level.to_owned(),
                ),
                (
                    format!("pod-security.kubernetes.io/{mode}-version"),
                    version.to_owned(),
                ),
            ]
        })
        .collect()
}

/// The creation of a fixture's Pod.
fn pod(fixture: &Fixture, server: KubernetesVersion, version: &str) -> Case {
    Case {
        name: format!("{} {} {version}", fixture.level, fixture.check),
        version: server,
        labels: labels(fixture.level, version),
        api_version: "v1",
        resource: "pods",
        subresource: "",
        operation: Operation::Create,
        object: fixture.pod.clone(),
        old: None,
    }
}

/// Each fixture as a Pod and as a Deployment: in the newest cluster by the version, and in a
/// cluster of the version by the latest.
pub fn cases(fixtures: &[Fixture], version: KubernetesVersion) -> Vec<Case> {
    let mut cases = Vec::new();
    for fixture in fixtures {
        for (server, label) in [
            (KubernetesVersion::NEWEST, format!("v{version}")),
            (version, "latest".to_owned()),
        ] {
            let pod = pod(fixture, server, &label);
            let deployment = json!({
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": { "name": "test" },
                "spec": {
                    "selector": { "matchLabels": { "test": "true" } },
                    "template": {
                        "metadata": {
                            "labels": { "test": "true" },
                            "annotations": pod.object.pointer("/metadata/annotations"),
                        },
                        "spec": pod.object.get("spec"),
                    },
                },
            });
            let deployment = Case {
                api_version: "apps/v1",
                resource: "deployments",
                object: admitted(&deployment),
                ..pod.clone()
            };
            cases.extend([pod, deployment]);
        }
    }
    cases
}

/// What is wrong: a fixture that gets another verdict than it must, from Pod Security admission or
/// from the bundle.
pub fn check(fixtures: &[Fixture], version: KubernetesVersion, bundles: &Bundles) -> Vec<String> {
    let mut wrong = Vec::new();
    for fixture in fixtures {
        let case = pod(fixture, KubernetesVersion::NEWEST, &format!("v{version}"));
        let decision = decided(&case);
        let denied = decision.get("denied").and_then(Value::as_str);
        let right = match denied {
            None => fixture.passes,
            Some(text) => !fixture.passes && text.contains(&fixture.expect),
        };
        if !right {
            wrong.push(format!(
                "{}: must {}, {decision}",
                case.describe(),
                if fixture.passes { "pass" } else { "fail" }
            ));
        }
        let judged = bundles.judge(&case);
        let agrees = judged.as_ref().is_some_and(|judged| {
            judged.failed.is_empty() && judged.denied.is_empty() == fixture.passes
        });
        if !agrees {
            wrong.push(format!("{}: the bundle says {judged:?}", case.describe()));
        }
    }
    wrong
}
