//! Timestamps and durations.

use super::Library;

pub const LIBRARIES: &[Library] = &[Library {
    since: 0,
    rules: r"
        timestamp: timestamp($timetext)
        timestamp: timestamp($int)
        timestamp: timestamp($timestamp)
        timestamp: timestamp($dyn)
        timestamp: $timestamp + $duration
        timestamp: $duration + $timestamp
        timestamp: $timestamp - $duration
        duration: duration($durationtext)
        duration: duration($duration)
        duration: duration($int)
        duration: duration($dyn)
        duration: $timestamp - $timestamp
        duration: $duration + $duration
        duration: $duration - $duration
        bool: $timestamp < $timestamp
        bool: $timestamp <= $timestamp
        bool: $timestamp > $timestamp
        bool: $timestamp >= $timestamp
        bool: $duration < $duration
        bool: $duration <= $duration
        bool: $duration > $duration
        bool: $duration >= $duration
        string: string($timestamp)
        string: string($duration)
        int: $timestamp.getFullYear()
        int: $timestamp.getFullYear($zone)
        int: $timestamp.getMonth()
        int: $timestamp.getMonth($zone)
        int: $timestamp.getDayOfYear()
        int: $timestamp.getDayOfYear($zone)
        int: $timestamp.getDayOfMonth()
        int: $timestamp.getDayOfMonth($zone)
        int: $timestamp.getDate()
        int: $timestamp.getDate($zone)
        int: $timestamp.getDayOfWeek()
        int: $timestamp.getDayOfWeek($zone)
        int: $timestamp.getHours()
        int: $timestamp.getHours($zone)
        int: $timestamp.getMinutes()
        int: $timestamp.getMinutes($zone)
        int: $timestamp.getSeconds()
        int: $timestamp.getSeconds($zone)
        int: $timestamp.getMilliseconds()
        int: $timestamp.getMilliseconds($zone)
        int: $duration.getHours()
        int: $duration.getMinutes()
        int: $duration.getSeconds()
        int: $duration.getMilliseconds()
        int: $dyn.getHours()
        int: $dyn.getFullYear()
        zone: 'UTC'
        zone: ''
        zone: 'Europe/Berlin'
        zone: 'America/St_Johns'
        zone: 'Asia/Kathmandu'
        zone: 'Australia/Lord_Howe'
        zone: 'Pacific/Apia'
        zone: '+05:30'
        zone: '-03:30'
        zone: '02:00'
        zone: '-00:00'
        zone: '+25:61'
        zone: '5'
        zone: 'a:b'
        zone: 'europe/berlin'
        zone: 'Local'
        zone: 'Nowhere/Land'
        zone: $string
        timetext: '2024-02-29T12:30:45Z'
        timetext: '1969-12-31T23:59:59.999Z'
        timetext: '9999-12-31T23:59:59.999999999Z'
        timetext: '0001-01-01T00:00:00Z'
        timetext: '0000-12-31T23:59:59Z'
        timetext: '2024-07-01T00:00:00.123456789+02:00'
        timetext: '2023-02-29T00:00:00Z'
        timetext: '2024-01-01T24:00:00Z'
        timetext: '2024-01-01 00:00:00Z'
        timetext: '2024-01-01T00:00:00'
        timetext: '2024-1-1T0:0:0Z'
        timetext: string($timestamp)
        timetext: $string
        timetext: object.metadata.creationTimestamp
        durationtext: '1h'
        durationtext: '90s'
        durationtext: '-1.5s'
        durationtext: '1ms'
        durationtext: '0'
        durationtext: '1'
        durationtext: '1d'
        durationtext: '2562047h47m16s'
        durationtext: '-2562047h47m16.854775808s'
        durationtext: '1h1h'
        durationtext: string($duration)
        durationtext: $string
    ",
}];
