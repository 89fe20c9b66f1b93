package train

import "math"

// A Layer tells of a layer how it fared in the last Learn.
type Layer struct {
	Name  string // of its weights: "conv1", "layer1.0.conv1", "fc"
	Stage int    // from 1; 0 for the stem, and the linear layer's is that of the last block
	Block int    // in its stage, from 0
	Kind  string // "conv" or "fc"
	Depth int    // layers before it on the longest path

	// Activation is the root of the mean square of the layer's output, after its norm and its activation. The output of
	// the last convolution in a block is the block's: what the join makes of it and the shortcut.
	Activation float64
	// OutputGradient is that of the loss's gradient with respect to this output; 0 where a part is frozen.
	OutputGradient float64
	// WeightGradient is the Euclidean norm of the gradient with respect to the weights; 0 where they are frozen.
	WeightGradient float64
	// Weight is the Euclidean norm of the weights.
	Weight float64
}

// layer is a Layer, and where its numbers come from.
type layer struct {
	Layer
	weight *Param
	unit   *unit  // nil for the linear layer
	block  *block // of the last convolution in a block; else nil
}

// listLayers lists the layers on the longest path: projections are not among them.
func (n *Net) listLayers() []layer {
	var out []layer
	add := func(l layer, name, kind string, stage, block int) {
		l.Name, l.Kind, l.Stage, l.Block, l.Depth = name, kind, stage, block, len(out)
		out = append(out, l)
	}
	add(layer{weight: n.stem.weight, unit: n.stem}, n.stem.spec.Conv, "conv", 0, 0)
	stage, at := 0, 0
	for _, b := range n.blocks {
		if b.spec.Stage != stage {
			stage, at = b.spec.Stage, 0
		}
		b.first = len(out)
		for i, u := range b.residual {
			l := layer{weight: u.weight, unit: u}
			if i == len(b.residual)-1 {
				l.block = b
			}
			add(l, u.spec.Conv, "conv", stage, at)
		}
		at++
	}
	add(layer{weight: n.fc}, "fc", "fc", stage, at-1)
	return out
}

// layerOf is the layer of a convolution of F.
func (n *Net) layerOf(b *block, unit int) *layer { return &n.layers[b.first+unit] }

// forgetGradients forgets what was seen of an earlier batch.
func (n *Net) forgetGradients() {
	for i := range n.layers {
		n.layers[i].OutputGradient = 0
	}
}

// see measures the gradient with respect to the layer's output.
func (l *layer) see(d []float32) { l.OutputGradient = rms(d) }

func rms(x []float32) float64 { return math.Sqrt(squares(x) / float64(len(x))) }

// LayerCount is how many layers Layers tells of.
func (n *Net) LayerCount() int { return len(n.layers) }

// Layers tells of each layer on the longest path, from the input on, how it fared in the last Learn; after any other
// call what it says of outputs is 0. Gradients of outputs need Watch.
func (n *Net) Layers() []Layer {
	out := make([]Layer, len(n.layers))
	for i := range n.layers {
		l := &n.layers[i]
		out[i] = l.Layer
		out[i].Weight = euclidean(l.weight.Value)
		if n.learned == 0 {
			out[i].OutputGradient = 0
			continue
		}
		if !l.weight.Frozen {
			out[i].WeightGradient = euclidean(l.weight.Gradient)
		}
		switch {
		case l.block != nil:
			out[i].Activation = rms(l.block.y)
		case l.unit != nil:
			out[i].Activation = rms(l.unit.out(n.learned))
		default:
			out[i].Activation = rms(n.z[:n.learned*n.Config.Classes])
		}
	}
	return out
}
