SELECT settings::text AS settings FROM analytics_settings_1 WHERE tenant = $1
