//! What a cluster's version takes of a new policy: what the version before has.

use vapwright_admission::compile::compile;
use vapwright_admission::policy::Policy;
use vapwright_admission::validate;
use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;

fn policy(expression: &str) -> Node {
    let validation = Node::map([("expression", Node::string(expression))]);
    let texts = |text| Node::List(vec![Node::string(text)]);
    let rule = Node::map([
        ("apiGroups", texts("")),
        ("apiVersions", texts("v1")),
        ("operations", texts("CREATE")),
        ("resources", texts("pods")),
    ]);
    Node::map([
        ("metadata", Node::map([("name", Node::string("new"))])),
        (
            "spec",
            Node::map([
                (
                    "matchConstraints",
                    Node::map([("resourceRules", Node::List(vec![rule]))]),
                ),
                ("validations", Node::List(vec![validation])),
            ]),
        ),
    ])
}

/// The versions are those of `k8s.io/apiserver/pkg/cel/environment/base.go`, the words those of
/// `k8s.io/apiserver` 0.36.2 compiling for the version before.
#[test]
fn new_expressions_compile_for_the_version_before() {
    let rows = [
        (29, "sets.contains([1], [1])", ""),
        (
            30,
            "isIP('1.2.3.4')",
            "ERROR: <input>:1:5: undeclared reference to 'isIP' (in container '')\n | isIP('1.2.3.4')\n | ....^",
        ),
        (
            30,
            "isCIDR('1.0.0.0/8')",
            "ERROR: <input>:1:7: undeclared reference to 'isCIDR' (in container '')\n | isCIDR('1.0.0.0/8')\n | ......^",
        ),
        (
            31,
            "format.named('dns1123Label').hasValue()",
            "ERROR: <input>:1:1: undeclared reference to 'format' (in container '')\n | format.named('dns1123Label').hasValue()\n | ^\nERROR: <input>:1:13: undeclared reference to 'named' (in container '')\n | format.named('dns1123Label').hasValue()\n | ............^",
        ),
        (
            33,
            "isSemver('1.0.0')",
            "ERROR: <input>:1:9: undeclared reference to 'isSemver' (in container '')\n | isSemver('1.0.0')\n | ........^",
        ),
        (
            34,
            "[1,2].sort() == [1,2]",
            "ERROR: <input>:1:11: undeclared reference to 'sort' (in container '')\n | [1,2].sort() == [1,2]\n | ..........^",
        ),
    ];
    for (since, expression, words) in rows {
        let node = policy(expression);
        for version in KubernetesVersion::supported() {
            let errors = validate::policy(&node, version);
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            let expected = (version.minor <= since).then(|| {
                format!(
                    "spec.validations[0].expression: Invalid value: \"{expression}\": compilation failed: {words}"
                )
            });
            assert_eq!(errors, Vec::from_iter(expected), "{version}");
            let stored = compile(Policy::read(&node).0, version);
            let fits = stored.failures().count() == 0;
            assert_eq!(fits, version.minor >= since, "{version}: {expression}");
        }
    }
}
