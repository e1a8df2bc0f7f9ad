//! Kubernetes' URLs, IP addresses and networks.

use super::Library;

pub const LIBRARIES: &[Library] = &[Library {
    since: 0,
    rules: r"
        url: url($urltext)
        url: url($urltext)
        url: url('https://a.example:8080/p/q?x=1&x=2&y=%20z#f')
        url: url($dyn)
        bool: isURL($urltext)
        bool: isURL($dyn)
        bool: $url == $url
        string: $url.getScheme()
        string: $url.getHost()
        string: $url.getHostname()
        string: $url.getPort()
        string: $url.getEscapedPath()
        map(string, list(string)): $url.getQuery()
        string: string($url)
        ip: ip($iptext)
        ip: ip($iptext)
        ip: ip('10.0.0.1')
        ip: ip($dyn)
        ip: $cidr.ip()
        bool: isIP($iptext)
        bool: isIP($dyn)
        bool: ip.isCanonical($iptext)
        bool: $ip == $ip
        int: $ip.family()
        bool: $ip.isUnspecified()
        bool: $ip.isLoopback()
        bool: $ip.isLinkLocalMulticast()
        bool: $ip.isLinkLocalUnicast()
        bool: $ip.isGlobalUnicast()
        string: string($ip)
        cidr: cidr($cidrtext)
        cidr: cidr($cidrtext)
        cidr: cidr('10.0.0.0/8')
        cidr: cidr($dyn)
        cidr: $cidr.masked()
        bool: isCIDR($cidrtext)
        bool: isCIDR($dyn)
        bool: $cidr == $cidr
        bool: $cidr.containsIP($ip)
        bool: $cidr.containsIP($iptext)
        bool: $cidr.containsCIDR($cidr)
        bool: $cidr.containsCIDR($cidrtext)
        int: $cidr.prefixLength()
        string: string($cidr)
        bool: $dyn.containsIP($dyn)
    ",
}];
