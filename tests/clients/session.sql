SELECT json_build_object('serial', client_serial::text, 'version', version, 'cipher', cipher)
FROM pg_stat_ssl WHERE pid = pg_backend_pid()
