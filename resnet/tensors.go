package resnet

// TensorSpec is the name and shape of a tensor in a network's file.
type TensorSpec struct {
	Name  string
	Shape []int
}

// Tensors lists the tensors that Load expects in a network's file, in the order of the network.
func (c Config) Tensors() []TensorSpec {
	var out []TensorSpec
	add := func(name string, shape ...int) { out = append(out, TensorSpec{name, shape}) }
	norm := func(name string, channels int) {
		if name == "" {
			return
		}
		for _, part := range []string{"weight", "bias", "running_mean", "running_var"} {
			add(name+"."+part, channels)
		}
	}
	conv := func(s ConvSpec) {
		add(s.Conv+".weight", s.Shape()...)
		if s.Bias {
			add(s.Conv+".bias", s.Out)
		}
		norm(s.Norm, s.Out)
	}
	conv(c.StemConv())
	for _, b := range c.Blocks() {
		norm(b.Norm, b.In)
		for _, s := range b.Residual {
			conv(s)
		}
		if b.Projection != nil {
			conv(*b.Projection)
		}
	}
	norm(c.LastNorm(), c.Features())
	add("fc.weight", c.Classes, c.Features())
	add("fc.bias", c.Classes)
	return out
}
