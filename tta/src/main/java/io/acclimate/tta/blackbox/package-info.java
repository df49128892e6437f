/**
 * Provides test-time adaptation of models that can only be run forwards: optimisers without
 * gradients, and the methods that stand on them.
 */
package io.acclimate.tta.blackbox;
