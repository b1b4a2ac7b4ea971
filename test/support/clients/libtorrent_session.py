"""A libtorrent session: its defaults, but for what would leave the machine, for the tests and for the benchmark."""
import libtorrent as lt

_TCP_ONLY = {"enable_incoming_utp": False, "enable_outgoing_utp": False}


def _encryption(policy, level):
    return {
        **_TCP_ONLY,
        "in_enc_policy": policy,
        "out_enc_policy": policy,
        "allowed_enc_level": level,
    }


# As it comes, it tries uTP too, and encryption first or plaintext, whatever the other side takes.
_ENCRYPTIONS = {
    "as it comes": {},
    "plaintext": _encryption(lt.enc_policy.pe_disabled, lt.enc_level.pe_plaintext),
    "encrypted only": _encryption(lt.enc_policy.pe_forced, lt.enc_level.pe_rc4),
}


def open_session(encryption, address="127.0.0.1", more_alerts=0, extra=None):
    settings = {
        "listen_interfaces": address + ":0",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "allow_multiple_connections_per_ip": True,
        "alert_mask": lt.alert.category_t.status_notification
        | lt.alert.category_t.error_notification
        | more_alerts,
    }
    return lt.session({**settings, **_ENCRYPTIONS[encryption], **(extra or {})})


def open_measured_session(encryption, extra=None):
    """TCP alone, as the helper's: without uTP libtorrent takes less CPU time, so that this is the harder one to compare with."""
    measured = {**_TCP_ONLY, "connections_limit": 10000, "prefer_rc4": encryption != "as it comes"}
    return open_session(encryption, extra={**measured, **(extra or {})})


def limit_upload(session, bytes_per_second):
    """For peers on loopback, too, which libtorrent by itself neither limits nor lets wait for a turn."""
    session.apply_settings(
        {"upload_rate_limit": bytes_per_second, "rate_limit_ip_overhead": False}
    )
    everyone = lt.ip_filter()
    everyone.add_rule("0.0.0.0", "255.255.255.255", 1 << lt.session.global_peer_class_id)
    session.set_peer_class_filter(everyone)


def torrent_params(torrent, folder):
    """`torrent` is a path, or a magnet link."""
    if torrent.startswith("magnet:"):
        params = lt.parse_magnet_uri(torrent)
    else:
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(torrent)
    params.save_path = folder
    return params


def eager_params(torrent, folder):
    """All of them at once: libtorrent's own queue would begin three downloads and let the others wait."""
    params = torrent_params(torrent, folder)
    params.max_connections = 10000
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    return params
