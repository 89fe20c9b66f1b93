//go:build !js

package kernel

func addVectors(y, a, b []float32, relu bool) { addReference(y, a, b, relu) }

func reluBackward(dX, dY, y []float32) { reluBackwardReference(dX, dY, y) }

func (s SGD) descend(w, g, v []float32) { s.descendReference(w, g, v) }

func (s AdamW) descend(w, g, m, v []float32) { s.factors().descendReference(w, g, m, v) }
