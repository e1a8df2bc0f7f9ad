//! Kubernetes' own: quantities, named formats, versions, authorization.

use super::Library;

pub const LIBRARIES: &[Library] = &[
    Library {
        since: 0,
        rules: r"
            quantity: quantity($quantitytext)
            quantity: quantity($quantitytext)
            quantity: quantity('1')
            quantity: quantity('500m')
            quantity: quantity('1Gi')
            quantity: quantity('1.5e3')
            quantity: quantity($dyn)
            quantity: $quantity.add($quantity)
            quantity: $quantity.sub($quantity)
            quantity: $quantity.add($int)
            quantity: $quantity.sub($int)
            bool: isQuantity($quantitytext)
            bool: isQuantity($dyn)
            bool: $quantity.isInteger()
            bool: $quantity.isLessThan($quantity)
            bool: $quantity.isGreaterThan($quantity)
            bool: $quantity == $quantity
            int: $quantity.compareTo($quantity)
            int: $quantity.asInteger()
            int: sign($quantity)
            int: $quantity.sign()
            double: $quantity.asApproximateFloat()
            string: string($quantity)
            bool: $dyn.isLessThan($quantity)
            authorizer: authorizer
            authorizer: $authorizer.serviceAccount($nametext, $nametext)
            authorizer: authorizer.serviceAccount('default', 'builder')
            pathcheck: $authorizer.path($string)
            pathcheck: $authorizer.path('/healthz')
            groupcheck: $authorizer.group($string)
            groupcheck: $authorizer.group('apps')
            resourcecheck: authorizer.requestResource
            resourcecheck: $groupcheck.resource($string)
            resourcecheck: $groupcheck.resource('deployments')
            resourcecheck: $resourcecheck.subresource($string)
            resourcecheck: $resourcecheck.namespace($string)
            resourcecheck: $resourcecheck.name($string)
            resourcecheck: authorizer.group('').resource('pods').namespace($string).name($string)
            decision: $pathcheck.check($verb)
            decision: $resourcecheck.check($verb)
            decision: $resourcecheck.check('create')
            bool: $decision.allowed()
            bool: $decision.errored()
            string: $decision.reason()
            string: $decision.error()
            bool: $decision.allowed() && $decision.allowed() && $decision.allowed()
            bool: $pathcheck.check($verb).allowed()
            bool: $resourcecheck.check($verb).allowed()
            bool: $dyn.allowed()
        ",
    },
    Library {
        since: 31,
        rules: r"
            resourcecheck: $resourcecheck.fieldSelector($selector)
            resourcecheck: $resourcecheck.labelSelector($selector)
            bool: authorizer.group('').resource('pods').labelSelector($selector).check('list').allowed()
            string: authorizer.group('').resource('pods').fieldSelector($selector).check('list').error()
            format: format.dns1123Label()
            format: format.dns1123Subdomain()
            format: format.dns1035Label()
            format: format.qualifiedName()
            format: format.dns1123LabelPrefix()
            format: format.dns1123SubdomainPrefix()
            format: format.dns1035LabelPrefix()
            format: format.labelValue()
            format: format.uri()
            format: format.uuid()
            format: format.byte()
            format: format.date()
            format: format.datetime()
            format: format.named($formatname).value()
            opt(format): format.named($formatname)
            opt(list(string)): $format.validate($nametext)
            opt(list(string)): $format.validate($string)
            opt(list(string)): format.uri().validate($urltext)
            opt(list(string)): format.date().validate($timetext)
            opt(list(string)): format.datetime().validate($timetext)
            opt(list(string)): format.dns1123Subdomain().validate($nametext)
            opt(list(string)): format.labelValue().validate($nametext)
            opt(list(string)): format.uuid().validate('0123abcd-0123-4567-89AB-0123456789ab')
            opt(list(string)): format.byte().validate($bytestext)
            bool: !$format.validate($nametext).hasValue()
            formatname: 'dns1123Label'
            formatname: 'uuid'
            formatname: 'labelValue'
            formatname: 'nope'
            formatname: $string
            bytestext: 'YWJj'
            bytestext: 'YW Jj'
            bytestext: 'YWI='
            bytestext: 'YWI'
            bytestext: $string
        ",
    },
    Library {
        since: 33,
        rules: r"
            semver: semver($versiontext)
            semver: semver($versiontext)
            semver: semver('1.2.3')
            semver: semver($versiontext, $bool)
            semver: semver($dyn)
            bool: isSemver($versiontext)
            bool: isSemver($versiontext, $bool)
            bool: isSemver($dyn)
            bool: $semver.isLessThan($semver)
            bool: $semver.isGreaterThan($semver)
            int: $semver.compareTo($semver)
            int: $semver.major()
            int: $semver.minor()
            int: $semver.patch()
            bool: $semver == $semver
            string: string($semver)
        ",
    },
];
