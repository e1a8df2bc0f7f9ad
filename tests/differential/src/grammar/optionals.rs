//! Optional values.

use super::Library;

pub const LIBRARIES: &[Library] = &[Library {
    since: 0,
    rules: r"
        T: $opt(T).value()
        T: $opt(T).orValue($T)
        T: $dyn.value()
        T: $dyn.orValue($T)
        T: optional.of($T).value()
        opt(T): optional.none()
        opt(T): optional.of($T)
        opt(T): optional.ofNonZeroValue($T)
        opt(T): optional.of($dyn)
        opt(T): $opt(T).or($opt(T))
        opt(T): $dyn.or($opt(T))
        opt(T): [?$opt(T)][?$int]
        opt(T): $list(T)[?$int]
        opt(T): $map(string, T)[?$string]
        opt(T): $map(K, T)[?$K]
        opt(T): $map(string, T).?$field
        opt(T): $opt(list(T))[?$int]
        opt(T): $opt(list(T))[$int]
        opt(T): $opt(map(string, T)).?$field
        opt(T): $opt(map(string, T)).$field
        opt(T): $opt(map(K, T))[?$K]
        opt(T): $opt(map(K, T))[$K]
        opt(U): $opt(T).optMap($#T, $U)
        opt(U): $opt(T).optFlatMap($#T, $opt(U))
        opt(U): $dyn.optMap($#dyn, $U)
        opt(dyn): $dyn.?$field
        opt(dyn): $dyn[?$T]
        opt(dyn): object.?spec
        opt(dyn): object.?spec.?$field
        opt(dyn): object.?spec.$field
        opt(dyn): object.?spec[?$string]
        opt(dyn): oldObject.?spec.?replicas
        opt(dyn): params.?data[?$string]
        opt(dyn): object.spec.?containers[?0].?securityContext.?$field
        opt(int): object.?spec.?replicas
        opt(string): object.?metadata.?name
        opt(string): object.metadata.?labels[?$string]
        opt(list(dyn)): object.spec.?containers
        opt(list(string)): object.spec.?names
        opt(map(string, dyn)): object.spec.?table
        opt(string): request.?name
        opt(string): namespaceObject.metadata.?labels[?$string]
        opt(dyn): request.?options
        opt(dyn): request.?$field
        bool: $opt(T).hasValue()
        bool: $dyn.hasValue()
        bool: $opt(T) == $opt(T)
        bool: $opt(T) == $T
        bool: has($opt(map(string, T)).$field)
        bool: $opt(list(T)).orValue([]).all($#T, $bool)
        list(T): [?$opt(T), $T]
        list(T): [?$opt(T), ?$opt(T)]
        list(T): [?$opt(T)]
        map(K, T): {?$K: $opt(T)}
        map(K, T): {?$K: $opt(T), $K: $T}
        list(opt(T)): [$opt(T), optional.none()]
        dyn: optional.none()
        list(T): optional.unwrap($list(opt(T)))
        list(T): $list(opt(T)).unwrapOpt()
        list(dyn): optional.unwrap($list(dyn))
        list(dyn): $dyn.unwrapOpt()
    ",
}];
