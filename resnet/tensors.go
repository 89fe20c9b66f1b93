package resnet

// TensorSpec is the name and shape of a tensor in a network's file.
type TensorSpec struct {
	Name  string
	Shape []int
}

// normTensors are the last parts of the names of a norm's tensors.
var normTensors = []string{"weight", "bias", "running_mean", "running_var"}

// tensors lists those of a norm; none for the name "".
func (s NormSpec) tensors() (out []TensorSpec) {
	if s.Name == "" {
		return nil
	}
	for _, part := range normTensors {
		out = append(out, TensorSpec{s.Name + "." + part, []int{s.Channels}})
	}
	return out
}

// tensors lists those of a convolution and of the norm behind it.
func (s ConvSpec) tensors() []TensorSpec {
	out := []TensorSpec{{s.Conv + ".weight", s.Shape()}}
	if s.Bias {
		out = append(out, TensorSpec{s.Conv + ".bias", []int{s.Out}})
	}
	return append(out, NormSpec{s.Norm, s.Out}.tensors()...)
}

// Tensors lists a block's tensors in the network's file, in the order of the network.
func (b BlockSpec) Tensors() []TensorSpec {
	out := NormSpec{b.Norm, b.In}.tensors()
	for _, s := range b.convs() {
		out = append(out, s.tensors()...)
	}
	return out
}

// Tensors lists the tensors that Load expects in a network's file, in the order of the network.
func (c Config) Tensors() []TensorSpec {
	out := c.StemConv().tensors()
	for _, b := range c.Blocks() {
		out = append(out, b.Tensors()...)
	}
	out = append(out, NormSpec{c.LastNorm(), c.Features()}.tensors()...)
	return append(out, TensorSpec{"fc.weight", []int{c.Classes, c.Features()}},
		TensorSpec{"fc.bias", []int{c.Classes}})
}
