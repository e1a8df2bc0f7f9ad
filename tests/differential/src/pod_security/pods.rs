//! Changes to a Pod, of what Pod Security admission looks at.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::random::{pick, unlikely, word};

/// The lists of containers.
const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];
const VOLUMES: &str = "awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi \
    downwardAPI emptyDir ephemeral fc flexVolume flocker gcePersistentDisk gitRepo glusterfs \
    hostPath image iscsi nfs persistentVolumeClaim photonPersistentDisk portworxVolume projected \
    quobyte rbd scaleIO secret storageos vsphereVolume";
const CAPABILITIES: &str = "ALL NET_BIND_SERVICE CHOWN SETUID SYS_ADMIN NET_RAW SYS_PTRACE all \
    CAP_CHOWN AUDIT_WRITE";
const SYSCTLS: &str = "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.tcp_syncookies \
    net.ipv4.ping_group_range net.ipv4.ip_unprivileged_port_start net.ipv4.ip_local_reserved_ports \
    net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl \
    net.ipv4.tcp_keepalive_probes net.ipv4.tcp_rmem net.ipv4.tcp_wmem kernel.msgmax \
    net.core.somaxconn net/ipv4/tcp_rmem";

/// The map of a field, made where there is none.
fn map<'v>(node: &'v mut Value, field: &str) -> &'v mut Value {
    if !node[field].is_object() {
        node[field] = json!({});
    }
    &mut node[field]
}

/// Sets a field, or takes it out.
fn set(rng: &mut Rng, node: &mut Value, field: &str, value: Value) {
    if unlikely(rng, 4) {
        node.as_object_mut().map(|fields| fields.remove(field));
    } else {
        node[field] = value;
    }
}

/// A container; in a list that there is none of, one is made.
fn container<'v>(rng: &mut Rng, pod: &'v mut Value) -> &'v mut Value {
    let list = if rng.bool() {
        LISTS[0]
    } else {
        pick(rng, &LISTS)
    };
    let spec = map(pod, "spec");
    if spec[list].as_array().is_none_or(Vec::is_empty) {
        spec[list] = json!([]);
        add(rng, spec, list);
    }
    let count = spec[list].as_array().map_or(0, Vec::len);
    &mut spec[list][rng.usize(0..count)]
}

fn add(rng: &mut Rng, spec: &mut Value, list: &str) {
    let name = format!("{}-{}", word(rng, "a b debug web"), rng.u32(0..1_000_000));
    if let Some(items) = spec[list].as_array_mut() {
        items.push(json!({ "name": name, "image": "registry.example/app:1" }));
    }
}

/// Changes something.
pub fn change(rng: &mut Rng, pod: &mut Value) {
    match rng.u32(0..20) {
        0 => {
            let field = word(rng, "hostNetwork hostPID hostIPC");
            let value = json!(rng.bool());
            set(rng, map(pod, "spec"), field, value);
        }
        1 => {
            let value = json!(rng.bool());
            set(rng, map(pod, "spec"), "hostUsers", value);
        }
        2 => {
            let os = json!({ "name": word(rng, "linux windows") });
            set(rng, map(pod, "spec"), "os", os);
        }
        3 => volumes(rng, map(pod, "spec")),
        4 => sysctls(rng, map(map(pod, "spec"), "securityContext")),
        5 => annotations(rng, pod),
        6 => {
            let container = container(rng, pod);
            ports(rng, container);
        }
        7 | 8 => {
            let container = container(rng, pod);
            handlers(rng, container);
        }
        9 => change_in_place(rng, pod),
        10 => {
            let spec = map(pod, "spec");
            let list = pick(rng, &LISTS);
            if !spec[list].is_array() {
                spec[list] = json!([]);
            }
            add(rng, spec, list);
        }
        11 => {
            let holder = if rng.bool() {
                map(pod, "spec")
            } else {
                container(rng, pod)
            };
            holder
                .as_object_mut()
                .map(|fields| fields.remove("securityContext"));
        }
        12..15 => {
            let context = map(map(pod, "spec"), "securityContext");
            shared_context(rng, context);
        }
        _ => {
            let context = map(container(rng, pod), "securityContext");
            if rng.bool() {
                shared_context(rng, context);
            } else {
                context_of_container(rng, context);
            }
        }
    }
}

/// Changes what may differ between a Pod and its update: images, containers and the rest.
pub fn change_in_place(rng: &mut Rng, pod: &mut Value) {
    match rng.u32(0..5) {
        0 => {
            let image = word(rng, "registry.example/app:1 registry.example/app:2 a");
            container(rng, pod)["image"] = json!(image);
        }
        1 => {
            let list = pick(rng, &LISTS);
            let spec = map(pod, "spec");
            let least = usize::from(list == "containers");
            if let Some(items) = spec[list].as_array_mut()
                && items.len() > least
            {
                items.remove(rng.usize(0..items.len()));
            }
        }
        2 => {
            let number = rng.u32(0..1_000_000);
            container(rng, pod)["name"] = json!(format!("{}-{number}", word(rng, "z \"q\" ü")));
        }
        3 => {
            map(pod, "metadata")["labels"] = json!({ "changed": rng.bool().to_string() });
        }
        _ => {
            let value = json!(rng.bool());
            set(rng, map(pod, "spec"), "hostPID", value);
        }
    }
}

fn volumes(rng: &mut Rng, spec: &mut Value) {
    let volumes: Vec<Value> = (0..rng.u32(0..4))
        .map(|index| {
            let mut volume = Map::from_iter([("name".to_owned(), json!(format!("v{index}")))]);
            let types = if unlikely(rng, 12) { 2 } else { 1 };
            for _ in 0..types {
                volume.insert(word(rng, VOLUMES).to_owned(), json!({}));
            }
            if unlikely(rng, 12) {
                // once defaulted, an emptyDir
                volume.retain(|name, _| name == "name");
            }
            Value::Object(volume)
        })
        .collect();
    set(rng, spec, "volumes", Value::Array(volumes));
}

fn sysctls(rng: &mut Rng, context: &mut Value) {
    let sysctls: Vec<Value> = (0..rng.u32(0..4))
        .map(|_| json!({ "name": word(rng, SYSCTLS), "value": "1" }))
        .collect();
    set(rng, context, "sysctls", json!(sysctls));
}

fn annotations(rng: &mut Rng, pod: &mut Value) {
    let name = container(rng, pod)["name"]
        .as_str()
        .unwrap_or("x")
        .to_owned();
    let key = match rng.u32(0..5) {
        0 => "seccomp.security.alpha.kubernetes.io/pod".to_owned(),
        1 => format!("container.seccomp.security.alpha.kubernetes.io/{name}"),
        2 => "example.org/note".to_owned(),
        3 => "container.apparmor.security.beta.kubernetes.io/gone".to_owned(),
        _ => format!("container.apparmor.security.beta.kubernetes.io/{name}"),
    };
    let values = [
        "",
        "runtime/default",
        "docker/default",
        "localhost/mine",
        "localhost/",
        "unconfined",
        "Localhost",
        "a \"quoted\"\ttext\n\\",
        "ü\u{1f600}\u{7f}\u{1}",
    ];
    let value = json!(pick(rng, &values));
    set(rng, map(map(pod, "metadata"), "annotations"), &key, value);
}

fn ports(rng: &mut Rng, container: &mut Value) {
    let ports: Vec<Value> = (0..rng.u32(0..3))
        .map(|index| {
            let mut port = json!({ "containerPort": 8000 + index });
            if rng.bool() {
                port["hostPort"] = json!(pick(rng, &[0, 80, 443, 8080, 9]));
            }
            port
        })
        .collect();
    set(rng, container, "ports", json!(ports));
}

/// Probes and lifecycle handlers.
fn handlers(rng: &mut Rng, container: &mut Value) {
    let action = match rng.u32(0..3) {
        0 => json!({ "exec": { "command": ["true"] } }),
        _ => {
            let mut action = json!({ "port": 80 });
            if !unlikely(rng, 3) {
                action["host"] = json!(pick(rng, &["", "127.0.0.1", "10.0.0.1", "a.example"]));
            }
            json!({ word(rng, "httpGet tcpSocket"): action })
        }
    };
    if rng.bool() {
        let field = word(rng, "livenessProbe readinessProbe startupProbe");
        set(rng, container, field, action);
    } else {
        let lifecycle = map(container, "lifecycle");
        let field = word(rng, "postStart preStop");
        set(rng, lifecycle, field, action);
    }
}

/// What Pods and containers both have.
fn shared_context(rng: &mut Rng, context: &mut Value) {
    match rng.u32(0..6) {
        0 => {
            let user = json!(pick(rng, &[0, 1, 1000, -1]));
            set(rng, context, "runAsUser", user);
        }
        1 => {
            let value = json!(rng.bool());
            set(rng, context, "runAsNonRoot", value);
        }
        2 | 3 => {
            let field = word(rng, "seccompProfile appArmorProfile");
            let kinds = [
                "RuntimeDefault",
                "Localhost",
                "Unconfined",
                "",
                "unconfined",
            ];
            let profile = match rng.u32(0..8) {
                0 => json!({}),
                1 => Value::Null,
                _ => json!({ "type": pick(rng, &kinds) }),
            };
            set(rng, context, field, profile);
        }
        4 => {
            let mut options = json!({});
            let types = "container_t container_init_t container_kvm_t container_engine_t spc_t";
            if rng.bool() {
                options["type"] = json!(word(rng, types));
            }
            if unlikely(rng, 3) {
                options["user"] = json!(pick(rng, &["", "system_u"]));
            }
            if unlikely(rng, 3) {
                options["role"] = json!(pick(rng, &["", "system_r"]));
            }
            if unlikely(rng, 3) {
                options["level"] = json!("s0:c1,c2");
            }
            set(rng, context, "seLinuxOptions", options);
        }
        _ => {
            let options = json!({ "hostProcess": rng.bool() });
            set(rng, context, "windowsOptions", options);
        }
    }
}

/// What containers alone have.
fn context_of_container(rng: &mut Rng, context: &mut Value) {
    match rng.u32(0..4) {
        0 => {
            let field = word(rng, "privileged allowPrivilegeEscalation");
            let value = json!(rng.bool());
            set(rng, context, field, value);
        }
        1 => {
            let mount = json!(pick(rng, &["Default", "Unmasked", "", "default"]));
            set(rng, context, "procMount", mount);
        }
        _ => {
            let mut capabilities = json!({});
            for list in ["add", "drop"] {
                if rng.bool() {
                    let named: Vec<&str> = (0..rng.u32(0..4))
                        .map(|_| word(rng, CAPABILITIES))
                        .collect();
                    capabilities[list] = json!(named);
                }
            }
            set(rng, context, "capabilities", capabilities);
        }
    }
}
