/**
 * Provides the report of a simulation: its records, and how they are shown as JSON, as one
 * self-contained HTML page and as a table.
 *
 * <p>{@link io.acclimate.simulators.report.Report} is the content of {@code report.json}; its
 * fields are documented in {@code docs/report.md}.
 */
package io.acclimate.simulators.report;
