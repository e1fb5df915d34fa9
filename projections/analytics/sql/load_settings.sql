SELECT settings::text AS settings FROM analytics_settings_2 WHERE tenant = $1
