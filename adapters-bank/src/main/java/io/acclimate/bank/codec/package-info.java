/**
 * Provides the forms in which an adapter's tensors are stored: as they are, in half precision, or
 * as signs of the largest values.
 *
 * <p>{@link io.acclimate.bank.codec.Codecs} finds a codec by its name; what is stored says which
 * one made it.
 */
package io.acclimate.bank.codec;
