//! Kinds of texts: what functions that read texts are given, right, nearly right and wrong.
//!
//! Besides these, `literals` makes texts of each kind at random.

use super::Library;

pub const LIBRARIES: &[Library] = &[Library {
    since: 0,
    rules: r"
        numtext: $string
        numtext: object.spec.text
        numtext: string($int)
        numtext: string($double)
        booltext: 'true'
        booltext: 'TRUE'
        booltext: 'True'
        booltext: 't'
        booltext: '1'
        booltext: 'false'
        booltext: 'F'
        booltext: 'tRUE'
        booltext: 'yes'
        booltext: string($bool)
        regex: '^[a-z]+$$'
        regex: '(?i)h.*o'
        regex: '.'
        regex: ''
        regex: '[0-9a-z]'
        regex: r'\d+'
        regex: r'\bа?\w+\b'
        regex: '(a|b)*?'
        regex: r'\p{L}+'
        regex: r'\pN'
        regex: r'[[:alpha:]]+'
        regex: '('
        regex: '[z-a]'
        regex: 'a{2,1}'
        regex: 'a{1001}'
        regex: r'\q'
        regex: '(?P<n>a)'
        regex: '(?<n>a)'
        regex: '(?=a)'
        regex: r'\1'
        regex: 'a**'
        regex: r'^\s*$$'
        regex: '(?s).*'
        regex: '(?m)^a$$'
        regex: '(?U)a+'
        regex: r'\Qa.b\E'
        regex: r'\x{1F600}'
        regex: r'\z'
        regex: '^registry[.]example/.*:[0-9]+$$'
        regex: $string
        regex: $string + $string
        formattext: '%s'
        formattext: '%d'
        formattext: '%'
        formattext: '%z'
        formattext: '%.f'
        formattext: '%.20f'
        formattext: '%5s'
        formattext: '%s%'
        formattext: '%%'
        formattext: '%.3'
        formattext: '%s, %d and %f'
        formattext: '%.3e'
        formattext: 'no clause'
        formattext: object.spec.text
        formattext: $string + '%s'
        quantitytext: object.spec.text
        quantitytext: '500Mi'
        quantitytext: ''
        quantitytext: '1'
        quantitytext: '1Ki'
        quantitytext: $string
        quantitytext: $numtext
        iptext: '10.0.0.1'
        iptext: '::1'
        iptext: '::ffff:1.2.3.4'
        iptext: 'fe80::1%eth0'
        iptext: '010.0.0.1'
        iptext: $string
        iptext: string($ip)
        cidrtext: '10.0.0.0/8'
        cidrtext: '10.0.0.1/33'
        cidrtext: '::/0'
        cidrtext: '::ffff:1.2.3.4/120'
        cidrtext: $string
        cidrtext: $iptext + '/24'
        cidrtext: string($cidr)
        urltext: 'https://a.example:8080/p/q?x=1&x=2&y=%20z#f'
        urltext: '/only/path'
        urltext: 'relative'
        urltext: 'http://[::1]:80/'
        urltext: 'ftp://u:p@h/%41'
        urltext: 'http://a b/'
        urltext: 'http://h:port/'
        urltext: '//host/path'
        urltext: 'mailto:a@b.example'
        urltext: $string
        urltext: 'https://' + $string
        urltext: '/' + $string
        versiontext: '1.2.3'
        versiontext: 'v1.2.3'
        versiontext: '1.2'
        versiontext: '01.2.3'
        versiontext: '1.2.3-rc.1+build.5'
        versiontext: $string
        nametext: 'web'
        nametext: 'web-1.example'
        nametext: 'Web'
        nametext: '-web'
        nametext: 'example.com/name'
        nametext: $string
        selector: 'app=web'
        selector: 'app in (a, b),!c'
        selector: 'metadata.name=x'
        selector: 'a==b,c!=d'
        selector: 'a in'
        selector: $string
        verb: 'get'
        verb: 'create'
        verb: $string
    ",
}];
