//! The built-in table, and strict decoding in the API server's words.

use super::{Form, Keys, Schema, built_in, check};
use crate::kinds::Gvk;
use crate::yaml;

#[test]
fn the_table_that_is_built_in() {
    let schema = built_in();
    assert_eq!(schema.version, "1.36.2");
    let pod = schema.kind(&Gvk::new("v1", "Pod")).unwrap();
    assert_eq!(pod.resource, "pods");
    let names: Vec<_> = pod
        .subresources
        .iter()
        .map(|found| found.name.as_str())
        .collect();
    assert!(names.contains(&"ephemeralcontainers"));
    assert_eq!(
        schema
            .resource("apps", "v1", "deployments")
            .unwrap()
            .subresources[0]
            .gvk,
        Gvk::new("autoscaling/v1", "Scale")
    );
    let pod = schema.get(pod.object.unwrap()).unwrap();
    let Form::Struct(spec) = pod.field("spec").unwrap().form else {
        panic!("no struct")
    };
    let spec = schema.get(spec).unwrap();
    assert_eq!(spec.name, "v1.PodSpec");
    // k8s.io/api core/v1 types.go
    let host_network = spec.field("hostNetwork").unwrap();
    assert!(!host_network.pointer && !host_network.always);
    assert!(spec.field("hostUsers").unwrap().pointer);
    let Form::List(container, keys) = &spec.field("containers").unwrap().form else {
        panic!("no list")
    };
    assert_eq!(*keys, Keys::Fields(vec!["name".into()]));
    let Form::Struct(container) = **container else {
        panic!("no struct")
    };
    let container = schema.get(container).unwrap();
    assert!(container.field("resources").unwrap().always);
    let volume = container.field("volumeMounts").unwrap();
    assert!(matches!(volume.form, Form::List(_, Keys::Fields(_))));
    // every type that is referred to is there
    for object in &schema.types {
        for field in &object.fields {
            let mut form = &field.form;
            loop {
                form = match form {
                    Form::List(inner, _) | Form::Map(inner) => inner,
                    Form::Struct(id) => {
                        assert!(schema.get(*id).is_some());
                        break;
                    }
                    _ => break,
                };
            }
        }
    }
}

#[test]
fn what_is_no_table() {
    for table in [
        "",
        "version",
        "kind x",
        "type v1.X\nfoo",
        "type v1.X\nfoo z",
        "foo s",
    ] {
        if let Some(schema) = Schema::parse(table) {
            assert!(schema.kinds.is_empty() && schema.types.is_empty());
        }
    }
}

/// Objects, and what `k8s.io/apimachinery`'s strict serializer of 0.36.2 says of them.
const ROWS: &[(&str, &[&str])] = &[
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"a":1}},"spec":{"containers":[]}}"#,
        &[
            r#"json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":5},"spec":{"containers":[]}}"#,
        &[
            r#"json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":{"a":1}}}"#,
        &[
            r#"json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","ports":[{"containerPort":"80"}]}]}}"#,
        &[
            r#"json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","ports":[{"containerPort":80.5}]}]}}"#,
        &[
            r#"json: cannot unmarshal number 80.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","ports":[{"containerPort":99999999999}]}]}}"#,
        &[
            r#"json: cannot unmarshal number 99999999999 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","tty":"x","imagePullPolicy":3}]}}"#,
        &[
            r#"json: cannot unmarshal string into Go struct field Container.spec.containers.tty of type bool"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","imagePullPolicy":3}]}}"#,
        &[
            r#"json: cannot unmarshal number into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","securityContext":{"privileged":"yes"}}]}}"#,
        &[
            r#"json: cannot unmarshal string into Go struct field SecurityContext.spec.containers.securityContext.privileged of type bool"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","securityContext":{"capabilities":{"drop":"ALL"}}}]}}"#,
        &[
            r#"json: cannot unmarshal string into Go struct field Capabilities.spec.containers.securityContext.capabilities.drop of type []v1.Capability"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","securityContext":{"capabilities":{"drop":[5]}}}]}}"#,
        &[
            r#"json: cannot unmarshal number into Go struct field Capabilities.spec.containers.securityContext.capabilities.drop of type v1.Capability"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","securityContext":[]}]}}"#,
        &[
            r#"json: cannot unmarshal array into Go struct field Container.spec.containers.securityContext of type v1.SecurityContext"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":{}}}}]}}"#,
        &[
            r#"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"x"}}}]}}"#,
        &[
            r#"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","resources":{"limits":[]}}]}}"#,
        &[
            r#"json: cannot unmarshal array into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","livenessProbe":{"httpGet":{"port":true}}}]}}"#,
        &[
            r#"json: cannot unmarshal bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","creationTimestamp":5},"spec":{"containers":[{"name":"a"}]}}"#,
        &[
            r#"json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"foo":1,"containers":[{"name":"a","bar":{"x":1},"Image":"x","image":"a","env":[{"name":"x","value":"a","valu":"b"}]}]},"spek":1}"#,
        &[
            r#"strict decoding error: unknown field "spec.foo""#,
            r#"strict decoding error: unknown field "spec.containers[0].bar""#,
            r#"strict decoding error: unknown field "spec.containers[0].Image""#,
            r#"strict decoding error: unknown field "spec.containers[0].env[0].valu""#,
            r#"strict decoding error: unknown field "spek""#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"hostNetwork":false,"containers":[{"name":"a","name":"b","env":[{"name":"x","value":5}]}],"nodeSelector":{"a":true},"x":1}}"#,
        &[
            r#"json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":"x"}"#,
        &[r#"json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec"#],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":null}"#,
        &[],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":"x","spec":null}"#,
        &[
            r#"json: cannot unmarshal string into Go struct field Pod.metadata of type v1.ObjectMeta"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"activeDeadlineSeconds":"5","containers":null}}"#,
        &[
            r#"json: cannot unmarshal string into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"a":"%%"}}"#,
        &[r#"illegal base64 data at input byte 0"#],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"a":5}}"#,
        &[r#"json: cannot unmarshal number into Go struct field Secret.data of type []uint8"#],
    ),
    (
        r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":5}}"#,
        &[r#"json: cannot unmarshal number into Go struct field ConfigMap.data of type string"#],
    ),
    (
        r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":["a"]}"#,
        &[
            r#"json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string"#,
        ],
    ),
    (
        r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":"3","template":{"spec":{"containers":[]}}}}"#,
        &[
            r#"json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"#,
        ],
    ),
    (
        r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"strategy":{"rollingUpdate":{"maxSurge":1.5}}}}"#,
        &[
            r#"json: cannot unmarshal number 1.5 into Go struct field RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","securityContext":{"runAsUser":1.0,"privileged":null}}]}}"#,
        &[
            r#"json: cannot unmarshal number 1.0 into Go struct field SecurityContext.spec.containers.securityContext.runAsUser of type int64"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":["x"]}}"#,
        &[
            r#"json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[null]}}"#,
        &[],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","managedFields":[{"fieldsV1":5}]},"spec":{"containers":[{"name":"a","envFrom":[{"configMapRef":{"name":"x","foo":1}}]}]}}"#,
        &[
            r#"strict decoding error: unknown field "spec.containers[0].envFrom[0].configMapRef.foo""#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","finalizers":["a",{"b":1}]},"spec":{"containers":[{"name":"a","envFrom":[{"configMapRef":{"name":"x","foo":1}}]}]}}"#,
        &[
            r#"json: cannot unmarshal object into Go struct field ObjectMeta.metadata.finalizers of type string"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"volumes":[{"name":"a","emptyDir":{"foo":1,"sizeLimit":"1Q"},"hostPath":{"path":5}}]}}"#,
        &[
            r#"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"ephemeralContainers":[{"name":5}]}}"#,
        &[
            r#"json: cannot unmarshal number into Go struct field EphemeralContainer.spec.ephemeralContainers.EphemeralContainerCommon.name of type string"#,
        ],
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"volumes":[{"configMap":{"items":[{"key":"x","path":[]}],"name":true}}]}}"#,
        &[
            r#"json: cannot unmarshal array into Go struct field KeyToPath.spec.volumes.VolumeSource.configMap.items.path of type string"#,
        ],
    ),
    (
        r#"{"kind":"Pod"}"#,
        &[r#"Object 'apiVersion' is missing in '{"kind":"Pod"}'"#],
    ),
    (
        r#"{"apiVersion":"v1"}"#,
        &[r#"Object 'Kind' is missing in '{"apiVersion":"v1"}'"#],
    ),
];

#[test]
fn strict_decoding() {
    for (text, expected) in ROWS {
        let read = yaml::read(text);
        assert_eq!(read.documents.len(), 1, "{text}");
        let mut found: Vec<String> = check(&read.documents[0])
            .into_iter()
            .map(|problem| problem.message)
            .collect();
        // the API server stops at the first value of a wrong type
        if found.iter().any(|message| !message.starts_with("strict")) {
            found.retain(|message| !message.starts_with("strict"));
            found.truncate(1);
        }
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn places_and_help() {
    let text = "apiVersion: v1\nkind: Pod\nspec:\n  hostnetwork: true\n  containers:\n  - nmae: x\n    ports: [{containerPort: \"80\"}]\n";
    let found: Vec<_> = check(&yaml::read(text).documents[0])
        .into_iter()
        .map(|problem| {
            let range = problem.range.unwrap();
            let marked = text.get(range.start as usize..range.end as usize).unwrap();
            (problem.path, marked.to_owned(), problem.help.unwrap())
        })
        .collect();
    let row = |path: &str, marked: &str, help: &str| (path.into(), marked.into(), help.into());
    assert_eq!(
        found,
        [
            row(
                "spec.hostnetwork",
                "hostnetwork",
                "did you mean `hostNetwork`?"
            ),
            row("spec.containers[0].nmae", "nmae", "did you mean `name`?"),
            row(
                "spec.containers[0].ports[0].containerPort",
                "\"80\"",
                "leave the quotes out"
            ),
        ]
    );
    let kinds = [
        (
            "apiVersion: apps/v1\nkind: Deploymen\n",
            "did you mean `Deployment`?",
        ),
        (
            "apiVersion: apps/v1beta1\nkind: Deployment\n",
            "Kubernetes 1.36.2 has this kind in `apps/v1`",
        ),
    ];
    for (text, help) in kinds {
        let found = check(&yaml::read(text).documents[0]);
        assert_eq!(found[0].help.as_deref(), Some(help), "{}", found[0].message);
    }
    assert_eq!(
        check(&yaml::read("apiVersion: kyverno.io/v1\nkind: ClusterPolicy\n").documents[0]),
        []
    );
}
