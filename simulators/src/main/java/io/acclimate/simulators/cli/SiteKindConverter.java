package io.acclimate.simulators.cli;

import io.acclimate.runtime.sites.SiteKind;

/** Reads kinds of sites in kebab-case. */
final class SiteKindConverter extends KebabConverter<SiteKind> {
  SiteKindConverter() {
    super(SiteKind.class);
  }
}
