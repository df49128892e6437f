package io.acclimate.runtime.method;

/** Makes one method; found through {@link java.util.ServiceLoader}. */
public interface MethodProvider {
  /** What the method is. */
  MethodDescriptor descriptor();
}
