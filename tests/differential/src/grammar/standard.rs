//! The language itself and its standard library: operators, conversions, macros, literals.

use super::Library;

pub const LIBRARIES: &[Library] = &[Library {
    since: 0,
    rules: r"
        T: ($bool ? $T : $T)
        T: $bool ? $T : $T
        T: [$T, $T][$int]
        T: [$T][0]
        T: $list(T)[$int]
        T: {$string: $T}[$string]
        T: {'a': $T, 'b': $T}.$field
        T: {'a': $T}['a']
        T: {'a': $T, 'b': $T}['b']
        T: {1: $T}[1]
        T: {2u: $T}[2]
        T: {true: $T}[$bool]
        T: $map(string, T)[$string]
        T: $map(int, T)[$int]
        T: $map(string, T).$field
        T: dyn($T)
        T: dyn([$T, $U])[$int]
        T: [$T].filter($#T, $bool)[0]
        T: [$U].map($#U, $T)[0]
        T: $dyn
        type: type($T)
        type: int
        type: uint
        type: double
        type: bool
        type: string
        type: bytes
        type: list
        type: map
        type: null_type
        type: type
        type: google.protobuf.Timestamp
        type: google.protobuf.Duration
        type: google.protobuf.Empty
        type: kubernetes.Quantity
        type: kubernetes.AdmissionRequest
        type: optional_type
        type: net.IP
        bool: true
        bool: false
        bool: $bool && $bool
        bool: $bool || $bool
        bool: $bool && $bool && $bool && $bool
        bool: $bool || $bool || $bool && $bool
        bool: $dyn && $dyn
        bool: $dyn || $bool
        bool: !$bool
        bool: !!$bool
        bool: $T == $T
        bool: $T != $T
        bool: $T == $U
        bool: dyn($T) == dyn($U)
        bool: dyn($T) != $U
        bool: [$T] == [$T]
        bool: $T in $list(T)
        bool: $T in [$T, $T, $T]
        bool: !($T in $list(T))
        bool: $string in $map(string, T)
        bool: $K in $map(K, T)
        bool: $T in $dyn
        bool: $T in $list(dyn)
        bool: type($T) == $type
        bool: type($T) == type($U)
        bool: $int < $int
        bool: $int <= $int
        bool: $int > $int
        bool: $int >= $int
        bool: $int < $double
        bool: $int <= $uint
        bool: $int > $uint
        bool: $int >= $double
        bool: $uint < $uint
        bool: $uint <= $int
        bool: $uint > $double
        bool: $uint >= $uint
        bool: $double < $double
        bool: $double <= $int
        bool: $double > $uint
        bool: $double >= $double
        bool: $string < $string
        bool: $string <= $string
        bool: $string > $string
        bool: $string >= $string
        bool: $bytes < $bytes
        bool: $bytes <= $bytes
        bool: $bytes > $bytes
        bool: $bool < $bool
        bool: $bool >= $bool
        bool: $dyn < $dyn
        bool: $dyn <= $T
        bool: $T > $dyn
        bool: $list(T).all($#T, $bool)
        bool: $list(T).exists($#T, $bool)
        bool: $list(T).exists_one($#T, $bool)
        bool: $map(K, T).all($#K, $bool)
        bool: $map(K, T).exists($#K, $bool)
        bool: $map(K, T).exists_one($#K, $bool)
        bool: $dyn.all($#dyn, $bool)
        bool: $dyn.exists($#dyn, $bool)
        bool: $list(T).all($#T, $#U, $bool)
        list(U): $list(T).map($#T, $U)
        list(U): $list(T).map($#T, $bool, $U)
        list(U): $map(K, T).map($#K, $U)
        list(U): $dyn.map($#dyn, $U)
        list(T): $list(T).filter($#T, $bool)
        list(K): $map(K, T).filter($#K, $bool)
        list(T): $list(T) + $list(T)
        list(T): []
        list(T): [$T]
        list(T): [$T, $T]
        list(T): [$T, $T, $T]
        list(dyn): [$T, $U]
        list(dyn): [$T, dyn($U), $V]
        list(dyn): [null, $T]
        map(K, T): {}
        map(K, T): {$K: $T}
        map(K, T): {$K: $T, $K: $T}
        map(K, T): {$K: $T, $K: $T, $K: $T}
        map(string, T): {'a': $T}
        map(string, T): {'a': $T, 'b': $T}
        map(K, dyn): {$K: $T, $K: dyn($U)}
        map(string, dyn): {'a': $T, $string: $U}
        int: $int + $int
        int: $int - $int
        int: $int * $int
        int: $int / $int
        int: $int % $int
        int: -$int
        int: --$int
        int: $dyn + $int
        int: $int - $dyn
        int: $dyn * $dyn
        uint: $uint + $uint
        uint: $uint - $uint
        uint: $uint * $uint
        uint: $uint / $uint
        uint: $uint % $uint
        double: $double + $double
        double: $double - $double
        double: $double * $double
        double: $double / $double
        double: -$double
        dyn: $dyn + $dyn
        dyn: $dyn / $dyn
        dyn: -$dyn
        dyn: !$dyn
        bytes: $bytes + $bytes
        int: int($int)
        int: int($uint)
        int: int($double)
        int: int($string)
        int: int($numtext)
        int: int($timestamp)
        int: int($dyn)
        int: int($duration)
        uint: uint($uint)
        uint: uint($int)
        uint: uint($double)
        uint: uint($numtext)
        uint: uint($dyn)
        double: double($double)
        double: double($int)
        double: double($uint)
        double: double($numtext)
        double: double($dyn)
        string: string($string)
        string: string($bool)
        string: string($bytes)
        string: string($double)
        string: string($int)
        string: string($uint)
        string: string($dyn)
        string: string($T)
        bytes: bytes($bytes)
        bytes: bytes($string)
        bool: bool($bool)
        bool: bool($booltext)
        bool: bool($string)
        bool: bool($dyn)
        int: size($string)
        int: $string.size()
        int: size($bytes)
        int: $bytes.size()
        int: size($list(T))
        int: $list(T).size()
        int: size($map(K, T))
        int: $map(K, T).size()
        int: size($dyn)
        int: $dyn.size()
        small: 0
        small: 1
        small: 2
        small: 5
        small: 12
        small: $small + $small
        small: size($names)
        small: size(object.spec.names)
        names: ['a', 'b']
        names: request.userInfo.groups
    ",
}];
