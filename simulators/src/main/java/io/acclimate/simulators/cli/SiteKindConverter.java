package io.acclimate.simulators.cli;

import io.acclimate.runtime.sites.SiteKind;
import io.acclimate.runtime.text.Names;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads kinds of sites in kebab-case. */
final class SiteKindConverter implements ITypeConverter<SiteKind> {
  @Override
  public SiteKind convert(String value) {
    List<String> names = Arrays.stream(SiteKind.values()).map(Names::kebab).toList();
    int index = names.indexOf(value);
    if (index < 0) {
      throw new TypeConversionException(
          "expected one of %s, found %s".formatted(String.join(" | ", names), value));
    }
    return SiteKind.values()[index];
  }
}
