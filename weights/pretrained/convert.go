package pretrained

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed8935e608/residua/weights"
)

// convert reads the network from its package's tarball and returns it as a torchvision state dict, in the order in
// which the network computes. In eight bits the wider types come first, as files require.
func (n network) convert(ctx context.Context, tarball string, dtype weights.DType) (map[string]string, []weights.Tensor,
	error) {
	k, err := readKeras(ctx, tarball)
	if err != nil {
		return nil, nil, err
	}
	c := &converter{ctx: ctx, from: k, dtype: dtype}
	c.network(n.layers)
	if c.err != nil {
		return nil, nil, c.err
	}
	if left := k.left(); len(left) > 0 {
		return nil, nil, fmt.Errorf("pretrained: the conversion has no place for the weights %s",
			strings.Join(left, ", "))
	}
	card := n.cardFor(dtype)
	card.Labels = k.labels
	text, err := card.Encode()
	if err != nil {
		return nil, nil, err
	}
	return map[string]string{
		"format":          "pt", // torchvision's layout: kernels are Out×In×H×W
		weights.CardKey:   text,
		weights.ConfigKey: n.config,
	}, c.inOrder(), nil
}

// converter collects tensors. It keeps its first error and then does nothing more, so that network reads like a list.
type converter struct {
	ctx     context.Context
	from    *keras
	dtype   weights.DType // type of kernels; vectors are always float32
	tensors []weights.Tensor
	err     error
}

// network converts a bottleneck network from Keras's names (res2a_branch2b) to
// torchvision's (layer1.0.conv2).
func (c *converter) network(layers []int) {
	c.convNorm("conv1", "bn1", "conv1", "bn_conv1")
	for stage, blocks := range layers {
		for j := range blocks {
			block := fmt.Sprintf("layer%d.%d.", stage+1, j)
			branch := fmt.Sprintf("%d%c_branch", stage+2, 'a'+j)
			for i, part := range []string{"2a", "2b", "2c"} {
				c.convNorm(fmt.Sprintf("%sconv%d", block, i+1), fmt.Sprintf("%sbn%d", block, i+1), "res"+branch+part,
					"bn"+branch+part)
			}
			if j == 0 { // the first block of each stage projects its shortcut
				c.convNorm(block+"downsample.0", block+"downsample.1", "res"+branch+"1", "bn"+branch+"1")
			}
		}
	}
	c.dense("fc", "fc1000")
}

// convNorm converts a convolution with a bias and the batch norm after it to a convolution without one. The norm
// subtracts its running mean m from conv(x) + b. Without the bias it subtracts m − b from conv(x), which is the same.
// Epsilon and variance do not matter.
func (c *converter) convNorm(conv, norm, kerasConv, kerasNorm string) {
	kernel := c.take(kerasConv+"/kernel", 4)
	bias := c.take(kerasConv+"/bias", 1)
	gamma := c.take(kerasNorm+"/gamma", 1)
	beta := c.take(kerasNorm+"/beta", 1)
	mean := c.take(kerasNorm+"/moving_mean", 1)
	variance := c.take(kerasNorm+"/moving_variance", 1)
	if c.err != nil {
		return
	}
	out := kernel.shape[3]
	for _, a := range []array{bias, gamma, beta, mean, variance} {
		if a.shape[0] != out {
			c.err = fmt.Errorf("pretrained: the vectors of %s and %s do not have the kernel's %d channels", kerasConv,
				kerasNorm, out)
			return
		}
	}
	means := mean.floats()
	for i := range means {
		means[i] -= bias.at(i)
	}
	c.add(conv+".weight", c.dtype, []int{out, kernel.shape[2], kernel.shape[0], kernel.shape[1]}, outerFirst(kernel))
	c.add(norm+".weight", weights.F32, []int{out}, gamma.floats())
	c.add(norm+".bias", weights.F32, []int{out}, beta.floats())
	c.add(norm+".running_mean", weights.F32, []int{out}, means)
	c.add(norm+".running_var", weights.F32, []int{out}, variance.floats())
}

// dense converts a fully connected layer: In×Out becomes Out×In.
func (c *converter) dense(name, kerasName string) {
	kernel := c.take(kerasName+"/kernel", 2)
	bias := c.take(kerasName+"/bias", 1)
	if c.err != nil {
		return
	}
	in, out := kernel.shape[0], kernel.shape[1]
	if bias.shape[0] != out {
		c.err = fmt.Errorf("pretrained: the bias of %s does not have the kernel's %d classes", kerasName, out)
		return
	}
	c.add(name+".weight", c.dtype, []int{out, in}, outerFirst(array{[]int{1, 1, in, out}, kernel.data}))
	c.add(name+".bias", weights.F32, []int{out}, bias.floats())
}

// outerFirst transposes an H×W×In×Out kernel to Out×In×H×W.
func outerFirst(kernel array) []float32 {
	area, in, out := kernel.shape[0]*kernel.shape[1], kernel.shape[2], kernel.shape[3]
	dst := make([]float32, area*in*out)
	for o := range out {
		for i := range in {
			for p := range area {
				dst[(o*in+i)*area+p] = kernel.at((p*in+i)*out + o)
			}
		}
	}
	return dst
}

func (c *converter) take(name string, dims int) array {
	if c.err == nil {
		c.err = c.ctx.Err()
	}
	if c.err != nil {
		return array{}
	}
	var a array
	a, c.err = c.from.take(name, dims)
	return a
}

// inOrder orders the tensors so that each is aligned for its type. In a network of even widths float16 among float32 is
// aligned already.
func (c *converter) inOrder() []weights.Tensor {
	if c.dtype != weights.I8 {
		return c.tensors
	}
	return slices.SortedStableFunc(slices.Values(c.tensors),
		func(a, b weights.Tensor) int { return b.DType.Size() - a.DType.Size() })
}

func (c *converter) add(name string, dtype weights.DType, shape []int, values []float32) {
	if c.err != nil {
		return
	}
	var t weights.Tensor
	var err error
	if dtype == weights.I8 {
		t, err = weights.Quantise(name, shape, values)
	} else {
		t, err = weights.NewTensor(name, dtype, shape, values)
	}
	if err != nil {
		c.err = err
		return
	}
	c.tensors = append(c.tensors, t)
}
