//! What expressions read: documents, the request, the namespace, parameters, and names that are
//! not declared.

use super::Library;

pub const LIBRARIES: &[Library] = &[Library {
    since: 0,
    rules: r"
        bool: object.spec.hostNetwork
        bool: object.spec.hostNetwork == true
        bool: has(object.spec.missing)
        bool: has(object.spec.containers)
        bool: has(object.spec.hostNetwork)
        bool: has(object.spec.containers[0].securityContext)
        bool: has(oldObject.spec)
        bool: has(params.data)
        bool: has(request.dryRun)
        bool: has(request.options)
        bool: has(request.name)
        bool: has(request.userInfo.extra)
        bool: has(namespaceObject.status)
        bool: has(namespaceObject.metadata.labels)
        bool: has(namespaceObject.metadata.creationTimestamp)
        bool: has(object.spec.table.$field)
        bool: has($dyn.$field)
        bool: has($map(string, dyn).$field)
        bool: has($T.$field)
        bool: request.dryRun
        bool: oldObject == null
        bool: params != null
        bool: object == oldObject
        bool: object.spec.table.flag
        int: object.spec.replicas
        int: object.spec['replicas']
        int: oldObject.spec.replicas
        int: params.data.limit
        int: size(object.spec.containers)
        int: size(object.metadata.name)
        int: namespaceObject.metadata.generation
        int: namespaceObject.metadata.deletionGracePeriodSeconds
        int: object.spec.table.a
        int: object.spec.big
        int: object.spec.numbers[0]
        double: object.spec.ratio
        double: object.spec.big
        double: object.spec.doubles[0]
        string: object.metadata.name
        string: oldObject.metadata.name
        string: object.spec.names[0]
        string: object.spec.containers[0].image
        string: object.spec.containers[1].name
        string: object.spec.text
        string: object.spec.odd
        string: params.data.text
        string: object.metadata.labels.app
        string: object.metadata.labels['a.b/c']
        string: object.metadata.namespace
        string: request.operation
        string: request.name
        string: request.namespace
        string: request.subResource
        string: request.requestSubResource
        string: request.userInfo.username
        string: request.userInfo.uid
        string: request.userInfo.groups[0]
        string: request.kind.kind
        string: request.kind.group
        string: request.resource.resource
        string: request.requestKind.version
        string: request.requestResource.group
        string: namespaceObject.metadata.name
        string: namespaceObject.metadata.generateName
        string: namespaceObject.metadata.resourceVersion
        string: namespaceObject.metadata.UID
        string: namespaceObject.status.phase
        string: namespaceObject.metadata.labels.team
        string: namespaceObject.metadata.annotations[$string]
        string: object.kind
        string: object.apiVersion
        list(int): object.spec.numbers
        list(double): object.spec.doubles
        list(string): object.spec.names
        list(string): request.userInfo.groups
        list(string): namespaceObject.metadata.finalizers
        list(string): namespaceObject.spec.finalizers
        list(string): request.userInfo.extra['scopes']
        list(string): object.spec.containers.map(c, c.name)
        list(dyn): object.spec.containers
        list(dyn): object.spec.mixed
        list(dyn): namespaceObject.status.conditions
        list(dyn): object.spec.wide
        list(dyn): object.spec.deep
        map(string, string): object.metadata.labels
        map(string, string): object.metadata.annotations
        map(string, string): namespaceObject.metadata.labels
        map(string, string): namespaceObject.metadata.annotations
        map(string, list(string)): request.userInfo.extra
        map(string, int): object.spec.table
        map(string, dyn): object
        map(string, dyn): object.spec
        map(string, dyn): object.spec.table
        map(string, dyn): object.spec.keys
        map(string, dyn): object.metadata
        map(string, dyn): params.data
        map(string, dyn): oldObject
        map(string, dyn): request.options
        timestamp: namespaceObject.metadata.creationTimestamp
        timestamp: namespaceObject.metadata.deletionTimestamp
        timestamp: namespaceObject.status.conditions[0].lastTransitionTime
        null: null
        null: object.spec.nothing
        dyn: object
        dyn: object.spec
        dyn: object.metadata
        dyn: oldObject
        dyn: params
        dyn: params.data
        dyn: params.data.$field
        dyn: oldObject.spec
        dyn: object.spec.containers[0]
        dyn: object.spec.containers[9]
        dyn: object.spec.missing
        dyn: object.spec.nothing
        dyn: object.spec.nothing.more
        dyn: object.spec.mixed[$int]
        dyn: object.spec.keys[$string]
        dyn: object.spec.keys.$field
        dyn: object.spec.deep
        dyn: object.spec.table.$field
        dyn: object.spec[$string]
        dyn: object[$string]
        dyn: object.$field
        dyn: object.spec.$field
        dyn: request.options
        dyn: request.kind
        dyn: request.userInfo
        dyn: request
        dyn: namespaceObject
        dyn: namespaceObject.metadata
        dyn: namespaceObject.status.conditions
        dyn: namespaceObject.spec
        dyn: request.$field
        dyn: request.userInfo.$field
        dyn: namespaceObject.$field
        dyn: namespaceObject.metadata.$field
        dyn: $dyn.$field
        dyn: $T
        dyn: dyn($T)
        dyn: unknown
        dyn: unknown.of.package
        dyn: .object.spec
        dyn: variables.x
        bool: object.spec.containers.all(c, c.name != $string)
        bool: object.spec.containers.exists(c, c.?securityContext.?privileged.orValue($bool))
        bool: object.spec.containers.all(c, !has(c.securityContext) || c.securityContext.$field == $dyn)
        bool: object.spec.containers.exists_one(c, has(c.image) && c.image.startsWith($string))
        bool: object.spec.containers.all(c, c.image.matches($regex))
        list(string): object.spec.containers.filter(c, has(c.ports)).map(c, c.ports).map(p, string(p))
        bool: object.spec.containers.all(c, (has(c.securityContext) ? c.securityContext.capabilities.drop : []).exists(d, d == 'ALL'))
        bool: object.metadata.labels.all(k, k in ['app', 'a', $string])
        bool: object.metadata.?labels[?$string].orValue('') == $string
        bool: request.userInfo.groups.exists(g, g == $string)
        field: a
        field: b
        field: k
        field: x
        field: app
        field: name
        field: spec
        field: labels
        field: missing
        field: image
        field: capabilities
        field: privileged
        field: kind
        field: size
        field: username
        field: seconds
        field: value
        field: __proto__
        field: in_
        field: `a.b/c`
        field: `a-b`
        field: `a b`
        field: namespace
        field: package
        field: in
    ",
}];
