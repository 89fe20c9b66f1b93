package op

import (
	"math"

	"github.com/seed8935e608/residua/resnet/kernel"
)

// BatchNorm is a batch normalisation, y = (x − Mean)/√(Var + ε)·Weight + Bias channel by channel (Ioffe and Szegedy
// 2015). Inference only needs Fold. Train and TrainBackward are for networks that are trained from scratch.
type BatchNorm struct {
	Weight, Bias, Mean, Var []float32
	Epsilon                 float64
}

// Fold gives the same norm as y = scale·x + bias, which a convolution before it takes over.
func (n *BatchNorm) Fold() (scale, bias []float32) {
	scale, bias = make([]float32, len(n.Weight)), make([]float32, len(n.Weight))
	for i := range scale {
		s := float64(n.Weight[i]) / math.Sqrt(float64(n.Var[i])+n.Epsilon)
		scale[i] = float32(s)
		bias[i] = float32(float64(n.Bias[i]) - float64(n.Mean[i])*s)
	}
	return scale, bias
}

// FoldBackward computes dW and dWeight, the gradients with respect to w and Weight. w are the weights before the norm,
// a filter of len(w)/channels values for each channel. It computes them from dFolded and dBias, the gradients with
// respect to what Fold makes of them: the filters scale·w and the bias. It is the chain rule for
// scale = Weight/√(Var + ε), bias = Bias − Mean·scale; the statistics stay as they are. dW may be dFolded.
//
//	dW = scale·dFolded
//	dWeight = (w·dFolded − Mean·dBias)/√(Var + ε)
//
// and the gradient with respect to Bias is dBias itself.
func (n *BatchNorm) FoldBackward(dW, dWeight, dFolded, dBias, w []float32) {
	each := len(w) / len(n.Weight)
	for i := range n.Weight {
		inverse := 1 / math.Sqrt(float64(n.Var[i])+n.Epsilon)
		scale := float32(float64(n.Weight[i]) * inverse)
		to, from, by := dW[i*each:][:each], dFolded[i*each:][:each], w[i*each:][:each]
		var sum float32
		for j, d := range from {
			sum += by[j] * d
			to[j] = scale * d
		}
		dWeight[i] = float32((float64(sum) - float64(n.Mean[i])*float64(dBias[i])) * inverse)
	}
}

// NormBatch is what a batch norm's pass in training finds of each channel: the mean, the variance as it is estimated
// for the whole population (divided by rows − 1), and 1/√(the batch's own variance + ε).
type NormBatch struct{ mean, variance, inverse []float32 }

// Train computes y = (x − mean)/√(variance + ε)·Weight + Bias with the mean and the variance of the batch; x is
// rows×channels. y may be x. The running statistics are left to Follow.
func (n *BatchNorm) Train(y, x []float32) NormBatch {
	channels := len(n.Weight)
	rows := float64(len(x) / channels)
	b := NormBatch{make([]float32, channels), make([]float32, channels), make([]float32, channels)}
	sums := make([]float64, channels)
	for at := 0; at < len(x); at += channels {
		for i, v := range x[at:][:channels] {
			sums[i] += float64(v)
		}
	}
	for i, s := range sums {
		b.mean[i] = float32(s / rows)
	}
	clear(sums)
	for at := 0; at < len(x); at += channels {
		for i, v := range x[at:][:channels] {
			d := float64(v - b.mean[i])
			sums[i] += d * d
		}
	}
	scale, bias := make([]float32, channels), make([]float32, channels)
	for i, s := range sums {
		b.variance[i] = float32(s / max(1, rows-1))
		b.inverse[i] = float32(1 / math.Sqrt(s/rows+n.Epsilon))
		scale[i] = n.Weight[i] * b.inverse[i]
		bias[i] = n.Bias[i] - b.mean[i]*scale[i]
	}
	affine(y, x, scale, bias)
	return b
}

// Follow moves the running statistics towards a batch's as PyTorch does: running += momentum·(batch − running).
func (n *BatchNorm) Follow(b NormBatch, momentum float32) {
	for i := range n.Mean {
		n.Mean[i] += momentum * (b.mean[i] - n.Mean[i])
		n.Var[i] += momentum * (b.variance[i] - n.Var[i])
	}
}

// Apply computes y = (x − Mean)/√(Var + ε)·Weight + Bias with the running statistics. y may be x.
func (n *BatchNorm) Apply(y, x []float32) {
	scale, bias := n.Fold()
	affine(y, x, scale, bias)
}

// affine computes y = scale·x + bias channel by channel.
func affine(y, x, scale, bias []float32) {
	channels := len(scale)
	for at := 0; at < len(x); at += channels {
		from, to := x[at:][:channels], y[at:][:channels]
		for i, v := range from {
			to[i] = v*scale[i] + bias[i]
		}
	}
}

// AffineReLU computes y = ReLU(scale·x + bias) channel by channel: a folded norm and its activation where no
// convolution stands before them. y may be x.
func AffineReLU(y, x, scale, bias []float32) { kernel.AffineReLU(y, x, scale, bias) }

// AffineReLUBackward computes dX, the gradient with respect to AffineReLU's x, from dY, that with respect to its output
// y. dX may be dY.
func AffineReLUBackward(dX, dY, y, scale []float32) {
	channels := len(scale)
	for at := 0; at < len(y); at += channels {
		d, to := dY[at:][:channels], dX[at:][:channels]
		for i, v := range y[at:][:channels] {
			if v > 0 {
				to[i] = scale[i] * d[i]
			} else {
				to[i] = 0
			}
		}
	}
}

// TrainBackward computes the gradients of Train by x, Weight and Bias from dY, that with respect to y, and what Train
// found. With N rows and x̂ = (x − mean)/√(variance + ε):
//
//	dBias = Σ dY,  dWeight = Σ dY·x̂
//	dX = Weight/√(variance + ε)·(dY − dBias/N − x̂·dWeight/N)
//
// dX may be dY. x is the one that Train got.
func (n *BatchNorm) TrainBackward(dX, dWeight, dBias, dY, x []float32, b NormBatch) {
	channels := len(n.Weight)
	byWeight, byBias := make([]float64, channels), make([]float64, channels)
	for at := 0; at < len(x); at += channels {
		from := x[at:][:channels]
		for i, d := range dY[at:][:channels] {
			byBias[i] += float64(d)
			byWeight[i] += float64(d * (from[i] - b.mean[i]))
		}
	}
	// dX = scale·dY + slope·x + offset
	rows := float64(len(x) / channels)
	scale, slope, offset := make([]float32, channels), make([]float32, channels), make([]float32, channels)
	for i := range channels {
		inverse := float64(b.inverse[i])
		dWeight[i], dBias[i] = float32(byWeight[i]*inverse), float32(byBias[i])
		s := float64(n.Weight[i]) * inverse
		t := -s * byWeight[i] * inverse * inverse / rows
		scale[i], slope[i] = float32(s), float32(t)
		offset[i] = float32(-s*byBias[i]/rows - t*float64(b.mean[i]))
	}
	for at := 0; at < len(x); at += channels {
		from, to := x[at:][:channels], dX[at:][:channels]
		for i, d := range dY[at:][:channels] {
			to[i] = scale[i]*d + slope[i]*from[i] + offset[i]
		}
	}
}
