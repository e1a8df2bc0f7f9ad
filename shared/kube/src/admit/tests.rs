//! Objects as sent and as an API server admitted them.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use serde_json::Value;
use vapwright_cel::document::Node;

use super::{Settings, admit};
use crate::json;

/// The recorded objects; none where the data is not there.
pub(crate) fn records() -> Vec<Value> {
    let folder = std::env::var_os("VAPWRIGHT_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let Ok(bytes) = std::fs::read(folder.join("admitted-objects-1.36.2.jsonl.gz")) else {
        return Vec::new();
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Where two values differ, first.
fn difference(ours: &Node, theirs: &Node, path: &str) -> Option<String> {
    match (ours, theirs) {
        (Node::Map(left), Node::Map(right)) => {
            for (key, node) in left.iter() {
                let path = format!("{path}.{key}");
                match right.get(key) {
                    Some(other) => {
                        if let Some(found) = difference(node, other, &path) {
                            return Some(found);
                        }
                    }
                    None => return Some(format!("{path} is only ours: {}", json::write(node))),
                }
            }
            right
                .iter()
                .find(|(key, _)| left.get(key).is_none())
                .map(|(key, node)| format!("{path}.{key} is only theirs: {}", json::write(node)))
        }
        (Node::List(left), Node::List(right)) if left.len() == right.len() => left
            .iter()
            .zip(right)
            .enumerate()
            .find_map(|(index, (ours, theirs))| {
                difference(ours, theirs, &format!("{path}[{index}]"))
            }),
        _ if ours == theirs => None,
        _ => Some(format!(
            "{path}: ours {}, theirs {}",
            json::write(ours),
            json::write(theirs)
        )),
    }
}

#[test]
fn objects_that_an_api_server_admitted() {
    let records = records();
    if records.is_empty() {
        eprintln!("skipped: no recorded objects");
        return;
    }
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut differences: BTreeMap<String, usize> = BTreeMap::new();
    for record in &records {
        if record["status"] != 201 {
            continue;
        }
        let sent = json::from_value(&record["input"]);
        let theirs = json::from_value(&record["admitted"]);
        let ours = admit(&sent, &Settings::default()).node;
        let kind = record["input"]["kind"].as_str().unwrap().to_owned();
        let count = counts.entry(kind.clone()).or_default();
        count.1 += 1;
        match difference(&ours, &theirs, &kind) {
            None => count.0 += 1,
            Some(found) => *differences.entry(found).or_default() += 1,
        }
    }
    for (found, count) in &differences {
        eprintln!("{count} times {found}");
    }
    eprintln!("{counts:?}");
    for (kind, (equal, all)) in counts {
        assert_eq!(equal, all, "{kind}");
    }
}

/// Objects, and what decoding and defaulting in `k8s.io/kubernetes` 1.36.2 make of them.
const DEFAULTED: &[(&str, &str)] = &[
    (
        r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"a","namespace":"default"},"spec":{"type":"LoadBalancer","ports":[{"port":80},{"port":81,"targetPort":"x"}],"sessionAffinity":"ClientIP"}}"#,
        r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"a","namespace":"default"},"spec":{"allocateLoadBalancerNodePorts":true,"externalTrafficPolicy":"Cluster","internalTrafficPolicy":"Cluster","ports":[{"port":80,"protocol":"TCP","targetPort":80},{"port":81,"protocol":"TCP","targetPort":"x"}],"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10800}},"type":"LoadBalancer"},"status":{"loadBalancer":{}}}"#,
    ),
    (
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"default"},"stringData":{"a":"b"},"data":{"c":"ZA=="}}"#,
        r#"{"apiVersion":"v1","data":{"a":"Yg==","c":"ZA=="},"kind":"Secret","metadata":{"name":"a","namespace":"default"},"type":"Opaque"}"#,
    ),
    (
        r#"{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"a","namespace":"default"},"spec":{"serviceName":"x","selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"x","image":"y"}]}},"volumeClaimTemplates":[{"metadata":{"name":"d"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1024Mi"}}}}]}}"#,
        r#"{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"a","namespace":"default"},"spec":{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"},"podManagementPolicy":"OrderedReady","replicas":1,"revisionHistoryLimit":10,"selector":{"matchLabels":{"a":"b"}},"serviceName":"x","template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"image":"y","imagePullPolicy":"Always","name":"x","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30}},"updateStrategy":{"rollingUpdate":{"partition":0},"type":"RollingUpdate"},"volumeClaimTemplates":[{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"d"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"volumeMode":"Filesystem"},"status":{"phase":"Pending"}}]},"status":{"availableReplicas":0,"replicas":0}}"#,
    ),
    (
        r#"{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"a","namespace":"default"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"hostNetwork":true,"serviceAccount":"x","containers":[{"name":"x","image":"y:1","ports":[{"containerPort":80}],"livenessProbe":{"httpGet":{"port":80}},"resources":{"limits":{"cpu":"1000m"}}}]}}}}"#,
        r#"{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"annotations":{"deprecated.daemonset.template.generation":"0"},"name":"a","namespace":"default"},"spec":{"revisionHistoryLimit":10,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"image":"y:1","imagePullPolicy":"IfNotPresent","livenessProbe":{"failureThreshold":3,"httpGet":{"path":"/","port":80,"scheme":"HTTP"},"periodSeconds":10,"successThreshold":1,"timeoutSeconds":1},"name":"x","ports":[{"containerPort":80,"protocol":"TCP"}],"resources":{"limits":{"cpu":"1"}},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","hostNetwork":true,"restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},"serviceAccount":"x","serviceAccountName":"x","terminationGracePeriodSeconds":30}},"updateStrategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":1},"type":"RollingUpdate"}},"status":{"currentNumberScheduled":0,"desiredNumberScheduled":0,"numberMisscheduled":0,"numberReady":0}}"#,
    ),
    (
        r#"{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"a","namespace":"default"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"spec":{"containers":[{"name":"x","env":[{"name":"q","valueFrom":{"fieldRef":{"fieldPath":"x"}}}]}],"volumes":[{"name":"v"},{"name":"h","hostPath":{"path":"/"}},{"name":"e","ephemeral":{"volumeClaimTemplate":{"spec":{}}}}]}}}}"#,
        r#"{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"a","namespace":"default"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{},"spec":{"containers":[{"env":[{"name":"q","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"x"}}}],"imagePullPolicy":"IfNotPresent","name":"x","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30,"volumes":[{"emptyDir":{},"name":"v"},{"hostPath":{"path":"/","type":""},"name":"h"},{"ephemeral":{"volumeClaimTemplate":{"metadata":{},"spec":{"resources":{},"volumeMode":"Filesystem"}}},"name":"e"}]}}},"status":{"replicas":0}}"#,
    ),
    (
        r#"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a","namespace":"default"},"spec":{"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"x","image":"y"}]}}}}"#,
        r#"{"apiVersion":"batch/v1","kind":"Job","metadata":{"labels":{"a":"b"},"name":"a","namespace":"default"},"spec":{"backoffLimit":6,"completionMode":"NonIndexed","completions":1,"manualSelector":false,"parallelism":1,"podReplacementPolicy":"TerminatingOrFailed","suspend":false,"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"image":"y","imagePullPolicy":"Always","name":"x","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","restartPolicy":"Never","schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30}}},"status":{}}"#,
    ),
    (
        r#"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"a","namespace":"default"},"spec":{"podSelector":{},"egress":[{"ports":[{"port":80}]}]}}"#,
        r#"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"a","namespace":"default"},"spec":{"egress":[{"ports":[{"port":80,"protocol":"TCP"}]}],"podSelector":{},"policyTypes":["Ingress","Egress"]}}"#,
    ),
    (
        r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"a","namespace":"default"},"roleRef":{"kind":"Role","name":"x"},"subjects":[{"kind":"User","name":"u"},{"kind":"ServiceAccount","name":"s","namespace":"d"}]}"#,
        r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"a","namespace":"default"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"x"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"u"},{"kind":"ServiceAccount","name":"s","namespace":"d"}]}"#,
    ),
    (
        r#"{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"a","namespace":"default"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"x"},"behavior":{"scaleUp":{"stabilizationWindowSeconds":5}}}}"#,
        r#"{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"a","namespace":"default"},"spec":{"behavior":{"scaleDown":{"policies":[{"periodSeconds":15,"type":"Percent","value":100}],"selectPolicy":"Max"},"scaleUp":{"policies":[{"periodSeconds":15,"type":"Pods","value":4},{"periodSeconds":15,"type":"Percent","value":100}],"selectPolicy":"Max","stabilizationWindowSeconds":5}},"maxReplicas":3,"metrics":[{"resource":{"name":"cpu","target":{"averageUtilization":80,"type":"Utilization"}},"type":"Resource"}],"minReplicas":1,"scaleTargetRef":{"kind":"Deployment","name":"x"}},"status":{"currentMetrics":null,"desiredReplicas":0}}"#,
    ),
    (
        r#"{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"a"},"provisioner":"x"}"#,
        r#"{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"a"},"provisioner":"x","reclaimPolicy":"Delete","volumeBindingMode":"Immediate"}"#,
    ),
    (
        r#"{"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicyBinding","metadata":{"name":"a"},"spec":{"policyName":"x","validationActions":["Deny"],"matchResources":{}}}"#,
        r#"{"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicyBinding","metadata":{"name":"a"},"spec":{"matchResources":{"matchPolicy":"Equivalent","namespaceSelector":{},"objectSelector":{}},"policyName":"x","validationActions":["Deny"]}}"#,
    ),
    (
        r#"{"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"a","namespace":"default"},"spec":{"limits":[{"type":"Container","max":{"cpu":"1"},"min":{"cpu":"100m"}}]}}"#,
        r#"{"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"a","namespace":"default"},"spec":{"limits":[{"default":{"cpu":"1"},"defaultRequest":{"cpu":"1"},"max":{"cpu":"1"},"min":{"cpu":"100m"},"type":"Container"}]}}"#,
    ),
    (
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"default"},"spec":{"hostNetwork":true,"hostPID":false,"containers":[{"name":"x","image":"y","ports":[{"containerPort":80}],"tty":false,"securityContext":{"privileged":false,"capabilities":{"drop":[]}},"resources":{"limits":{"cpu":"1000m"}},"readinessProbe":{"exec":{}},"env":[]}],"volumes":[],"tolerations":null,"automountServiceAccountToken":false}}"#,
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"default"},"spec":{"automountServiceAccountToken":false,"containers":[{"image":"y","imagePullPolicy":"Always","name":"x","ports":[{"containerPort":80,"hostPort":80,"protocol":"TCP"}],"readinessProbe":{"exec":{},"failureThreshold":3,"periodSeconds":10,"successThreshold":1,"timeoutSeconds":1},"resources":{"limits":{"cpu":"1"},"requests":{"cpu":"1"}},"securityContext":{"capabilities":{},"privileged":false},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","enableServiceLinks":true,"hostNetwork":true,"restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30},"status":{}}"#,
    ),
];

#[test]
fn defaults_of_other_kinds() {
    // without what creation and admission plugins add: the records above have that
    for (sent, expected) in DEFAULTED {
        let sent = json::from_str(sent).unwrap();
        let expected = json::from_str(expected).unwrap();
        let mut ours = admit(&sent, &Settings::default()).node;
        for path in [
            &["metadata", "generation"] as &[&str],
            &["metadata", "annotations"],
            &["spec", "priority"],
            &["spec", "preemptionPolicy"],
            &["spec", "tolerations"],
            &["status", "phase"],
            &["status", "qosClass"],
        ] {
            remove(&mut ours, path);
        }
        let mut expected = expected;
        remove(&mut expected, &["metadata", "annotations"]);
        let kind = sent.get("kind").and_then(Node::as_str).unwrap();
        assert_eq!(difference(&ours, &expected, kind), None);
    }
}

fn remove(node: &mut Node, path: &[&str]) {
    let [first, last] = path else { return };
    if let Some(fields) = node.as_map_mut()
        && let Some(Node::Map(fields)) = fields.get_mut(first)
    {
        fields.remove(last);
    }
}

#[test]
fn what_is_dropped_and_what_is_not_known() {
    let sent = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","foo":1}]}}"#;
    let admitted = admit(&json::from_str(sent).unwrap(), &Settings::default());
    let dropped: Vec<_> = admitted.dropped.iter().map(ToString::to_string).collect();
    assert_eq!(dropped, ["spec.containers[0].foo"]);
    assert!(admitted.typed);
    let custom = json::from_str(r#"{"apiVersion":"x.y/v1","kind":"Z","spec":{"a":[]}}"#).unwrap();
    let admitted = admit(&custom, &Settings::default());
    assert_eq!((admitted.node, admitted.typed), (custom, false));
}

#[test]
fn the_token_of_the_service_account() {
    let sent = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"generateName":"p-"},"spec":{"containers":[{"name":"c"}]}}"#;
    let settings = Settings {
        service_account: true,
        ..Settings::default()
    };
    let node = admit(&json::from_str(sent).unwrap(), &settings).node;
    let spec = node.get("spec").unwrap();
    assert_eq!(
        spec.get("serviceAccountName"),
        Some(&Node::string("default"))
    );
    let volume = &spec.get("volumes").and_then(Node::as_list).unwrap()[0];
    let source = volume.at(&["projected", "defaultMode"]);
    assert_eq!(source, Some(&Node::Int(420)));
    assert_eq!(
        node.at(&["metadata", "name"]),
        Some(&Node::string("p-xxxxx"))
    );
}
