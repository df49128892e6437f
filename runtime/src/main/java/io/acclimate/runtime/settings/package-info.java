/**
 * Provides checked reading of HOCON settings: every mistake is collected with its line and key, and
 * all are reported at once.
 *
 * <p>{@link io.acclimate.runtime.settings.SettingsReader} reads one object; its defaults come from
 * the {@code reference.conf} of the module that owns the setting.
 */
package io.acclimate.runtime.settings;
