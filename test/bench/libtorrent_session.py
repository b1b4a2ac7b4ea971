"""A libtorrent session on loopback: its defaults, but for what would leave the machine, and TCP alone, as the helper's.

Without uTP libtorrent takes less CPU time, so that this is the harder one to compare with.
"""
import libtorrent as lt


def open_session(encryption="as it comes", extra=None):
    """`encryption`: 'as it comes', which is plaintext after all between two of its kind, or 'rc4'."""
    settings = {
        "listen_interfaces": "127.0.0.1:0",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_utp": False,
        "enable_outgoing_utp": False,
        "allow_multiple_connections_per_ip": True,
        "connections_limit": 10000,
        "alert_mask": lt.alert.category_t.status_notification
        | lt.alert.category_t.error_notification,
    }
    if encryption == "rc4":
        settings.update(
            {
                "in_enc_policy": lt.enc_policy.pe_forced,
                "out_enc_policy": lt.enc_policy.pe_forced,
                "allowed_enc_level": lt.enc_level.pe_rc4,
                "prefer_rc4": True,
            }
        )
    return lt.session({**settings, **(extra or {})})


def limit_upload(session, bytes_per_second):
    """For peers on loopback, too, which libtorrent by itself neither limits nor lets wait for a turn."""
    session.apply_settings(
        {"upload_rate_limit": bytes_per_second, "rate_limit_ip_overhead": False}
    )
    everyone = lt.ip_filter()
    everyone.add_rule("0.0.0.0", "255.255.255.255", 1 << lt.session.global_peer_class_id)
    session.set_peer_class_filter(everyone)


def torrent_params(torrent, folder):
    """All of them at once: libtorrent's own queue would begin three downloads and let the others wait."""
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent)
    params.save_path = folder
    params.max_connections = 10000
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    return params
