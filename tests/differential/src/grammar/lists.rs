//! Lists and sets: Kubernetes' lists, cel-go's lists and sets, two-variable comprehensions.

use super::Library;

pub const LIBRARIES: &[Library] = &[
    Library {
        since: 0,
        rules: r"
            bool: $list(int).isSorted()
            bool: $list(T).isSorted()
            bool: $list(string).isSorted()
            bool: $dyn.isSorted()
            int: $list(int).sum()
            uint: $list(uint).sum()
            double: $list(double).sum()
            duration: $list(duration).sum()
            dyn: $list(dyn).sum()
            dyn: $dyn.sum()
            int: $list(int).min()
            double: $list(double).max()
            string: $list(string).max()
            timestamp: $list(timestamp).min()
            duration: $list(duration).max()
            bytes: $list(bytes).min()
            bool: $list(bool).max()
            T: $list(T).min()
            T: $list(T).max()
            int: $list(T).indexOf($T)
            int: $list(T).lastIndexOf($T)
            int: $list(dyn).indexOf($T)
            int: $dyn.indexOf($T)
            bool: sets.contains($list(T), $list(T))
            bool: sets.equivalent($list(T), $list(T))
            bool: sets.intersects($list(T), $list(T))
            bool: sets.contains($list(dyn), $list(T))
            bool: sets.equivalent($list(T), $list(U))
            bool: sets.intersects($dyn, $list(T))
            bool: sets.equivalent($dyn, $dyn)
        ",
    },
    Library {
        since: 32,
        rules: r"
            bool: $list(T).all($#int, $#T, $bool)
            bool: $list(T).exists($#int, $#T, $bool)
            bool: $list(T).existsOne($#int, $#T, $bool)
            bool: $list(T).exists_one($#int, $#T, $bool)
            bool: $map(K, T).all($#K, $#T, $bool)
            bool: $map(K, T).exists($#K, $#T, $bool)
            bool: $map(K, T).existsOne($#K, $#T, $bool)
            bool: $dyn.all($#dyn, $#dyn, $bool)
            list(U): $list(T).transformList($#int, $#T, $U)
            list(U): $list(T).transformList($#int, $#T, $bool, $U)
            list(U): $map(K, T).transformList($#K, $#T, $U)
            list(U): $map(K, T).transformList($#K, $#T, $bool, $U)
            list(U): $dyn.transformList($#dyn, $#dyn, $U)
            map(int, U): $list(T).transformMap($#int, $#T, $U)
            map(int, U): $list(T).transformMap($#int, $#T, $bool, $U)
            map(K, U): $map(K, T).transformMap($#K, $#T, $U)
            map(K, U): $map(K, T).transformMap($#K, $#T, $bool, $U)
            map(K, U): $list(T).transformMapEntry($#int, $#T, {$K: $U})
            map(K, U): $list(T).transformMapEntry($#int, $#T, $bool, {$K: $U})
            map(K, U): $list(T).transformMapEntry($#int, $#T, $map(K, U))
            map(V, U): $map(K, T).transformMapEntry($#K, $#T, {$V: $U})
            map(V, U): $map(K, T).transformMapEntry($#K, $#T, $bool, $map(V, U))
            map(T, int): $list(T).transformMapEntry(i, v, {v: i})
            map(K, U): $dyn.transformMapEntry($#dyn, $#dyn, $map(K, U))
        ",
    },
    Library {
        since: 34,
        rules: r"
            list(T): $list(T).slice($int, $int)
            list(T): $list(T).slice($small, $small)
            list(T): $dyn.slice($small, $small)
            list(T): $list(list(T)).flatten()
            list(dyn): $list(dyn).flatten()
            list(dyn): $list(T).flatten($int)
            list(dyn): $list(list(T)).flatten($small)
            list(dyn): $dyn.flatten()
            list(int): lists.range($small)
            list(int): lists.range(-1)
            list(int): lists.range($int % 100)
            list(T): $list(T).distinct()
            list(dyn): $list(dyn).distinct()
            list(dyn): $dyn.distinct()
            list(int): $list(int).sort()
            list(string): $list(string).sort()
            list(T): $list(T).sort()
            list(dyn): $dyn.sort()
            list(T): $list(T).sortBy($#T, $int)
            list(T): $list(T).sortBy($#T, $string)
            list(T): $list(T).sortBy($#T, $U)
            list(dyn): $dyn.sortBy($#dyn, $U)
            list(T): $list(T).reverse()
            list(dyn): $dyn.reverse()
            opt(T): $list(T).first()
            opt(T): $list(T).last()
            opt(dyn): $dyn.first()
            T: $list(T).last().value()
        ",
    },
];
