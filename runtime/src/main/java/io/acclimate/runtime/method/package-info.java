/**
 * Provides the registry of methods: every algorithm is found by its name.
 *
 * <p>{@link io.acclimate.runtime.method.MethodDescriptor} says what a method is; a {@link
 * io.acclimate.runtime.method.MethodRegistry} finds the providers on the class path, so a user's
 * jar can add one.
 */
package io.acclimate.runtime.method;
