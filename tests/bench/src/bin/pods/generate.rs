//! Pods for a measurement: varied, and the same every time.

use std::fmt::Write;

/// A file of so many Pods, one document each. They are what a chart writes: labels, one to three
/// containers with ports, environment, probes and resources, volumes. Half of them keep to the
/// restricted standard; each of the others breaks a rule or two.
pub fn file(count: usize) -> String {
    let mut out = String::new();
    for number in 0..count {
        Pod::new(number).write(&mut out);
    }
    out
}

/// What a Pod does that the standards forbid.
const FAULTS: [&str; 12] = [
    "hostNetwork",
    "privileged",
    "hostPath",
    "capabilities",
    "root",
    "escalation",
    "seccomp",
    "sysctl",
    "hostPort",
    "selinux",
    "procMount",
    "nothing drops",
];

struct Pod {
    number: usize,
    random: u64,
    faults: Vec<&'static str>,
}

impl Pod {
    fn new(number: usize) -> Self {
        let mut pod = Self {
            number,
            // any odd factor spreads the numbers; zero would stay zero
            random: (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            faults: Vec::new(),
        };
        if number % 2 == 1 {
            for _ in 0..=pod.below(2) {
                let fault = pod.below(FAULTS.len());
                pod.faults.extend(FAULTS.get(fault));
            }
        }
        pod
    }

    /// The next number of Marsaglia's xorshift, below a limit.
    fn below(&mut self, limit: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random >> 33).unwrap_or_default() % limit
    }

    fn has(&self, fault: &str) -> bool {
        self.faults.contains(&fault)
    }

    fn write(&mut self, out: &mut String) {
        let app = ["echo", "mediawiki", "parsoid", "geoip", "thumbor"][self.below(5)];
        let number = self.number;
        let team = self.below(40);
        let _ = write!(
            out,
            "---
apiVersion: v1
kind: Pod
metadata:
  name: {app}-{number:05}
  namespace: team
  labels:
    app.kubernetes.io/name: {app}
    app.kubernetes.io/instance: {app}-{number:05}
    app.kubernetes.io/managed-by: Helm
    team: team-{team}
  annotations:
    checksum/config: \"{:016x}\"
spec:
",
            self.random
        );
        self.spec(out);
        let containers = 1 + self.below(3);
        out.push_str("  containers:\n");
        for index in 0..containers {
            self.container(out, app, index);
        }
        if self.below(3) == 0 {
            out.push_str("  initContainers:\n");
            self.container(out, app, containers);
        }
    }

    fn spec(&mut self, out: &mut String) {
        if self.has("hostNetwork") {
            out.push_str("  hostNetwork: true\n");
        }
        // the API server itself wants this of a Pod with `procMount: Unmasked`
        if self.has("procMount") {
            out.push_str("  hostUsers: false\n");
        }
        out.push_str("  securityContext:\n    fsGroup: 65533\n");
        if !self.has("root") {
            out.push_str("    runAsNonRoot: true\n    runAsUser: 65533\n");
        }
        if !self.has("seccomp") {
            out.push_str("    seccompProfile:\n      type: RuntimeDefault\n");
        }
        if self.has("selinux") {
            out.push_str("    seLinuxOptions:\n      type: spc_t\n");
        }
        if self.has("sysctl") {
            out.push_str("    sysctls:\n      - name: kernel.msgmax\n        value: \"65536\"\n");
        }
        out.push_str("  volumes:\n    - name: tmp\n      emptyDir: {}\n");
        let _ = writeln!(
            out,
            "    - name: config\n      configMap:\n        name: config-{}",
            self.below(100)
        );
        if self.has("hostPath") {
            out.push_str("    - name: host\n      hostPath:\n        path: /usr/share/GeoIP\n");
        }
    }

    fn container(&mut self, out: &mut String, app: &str, index: usize) {
        let first = index == 0;
        let tag = self.below(30);
        let port = 8000 + self.below(1000);
        let _ = write!(
            out,
            "    - name: {app}-{index}
      image: registry.example.org/{app}:v1.{tag}.0
      args: [\"--config\", \"/etc/{app}/config.yaml\", \"--listen\", \":{port}\"]
      env:
        - name: LOG_LEVEL
          value: info
        - name: SHARD
          value: \"{}\"
      ports:
        - name: http-{index}
          containerPort: {port}
",
            self.below(64)
        );
        if first && self.has("hostPort") {
            let _ = writeln!(out, "          hostPort: {port}");
        }
        let _ = write!(
            out,
            "      resources:
        requests:
          cpu: {}m
          memory: {}Mi
        limits:
          memory: 512Mi
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        - name: config
          mountPath: /etc/{app}
          readOnly: true
      securityContext:
",
            100 + self.below(8) * 50,
            64 + self.below(4) * 64
        );
        let escalation = first && (self.has("escalation") || self.has("privileged"));
        let _ = writeln!(out, "        allowPrivilegeEscalation: {escalation}");
        if first && self.has("privileged") {
            out.push_str("        privileged: true\n");
        }
        if first && self.has("procMount") {
            out.push_str("        procMount: Unmasked\n");
        }
        if !(first && self.has("nothing drops")) {
            out.push_str("        capabilities:\n          drop: [ALL]\n");
            if first && self.has("capabilities") {
                out.push_str("          add: [SYS_ADMIN]\n");
            }
        }
    }
}
