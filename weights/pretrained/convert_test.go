package pretrained

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/weights"
	"github.com/seed8935e608/residua/weights/npm/npmtest"
)

func TestConvert(t *testing.T) {
	p := tinyPackage()
	tarball := p.tarball()
	for _, dtype := range []weights.DType{weights.F16, weights.F32} {
		t.Run(string(dtype), func(t *testing.T) {
			metadata, tensors, err := tinyNetwork(tarball).convert(t.Context(), npmtest.WriteTarball(t, tarball), dtype)
			if err != nil {
				t.Fatal(err)
			}

			card, err := weights.CardFrom(metadata)
			if err != nil {
				t.Fatal(err)
			}
			if want := []string{"tench", "great white shark", "jack-o'-lantern", "crane",
				"crane"}; !slices.Equal(card.Labels, want) {
				t.Errorf("labels %q, want %q", card.Labels, want)
			}
			if metadata["format"] != "pt" || metadata[weights.ConfigKey] != `{"layers":[2,1]}` {
				t.Errorf("metadata %q", metadata)
			}

			// The order is torchvision's, in which the network computes.
			var want []string
			pairs := [][2]string{} // names of torchvision's and Keras's layers
			layer := func(conv, norm, kerasConv, kerasNorm string) {
				want = append(want, conv+".weight", norm+".weight", norm+".bias", norm+".running_mean",
					norm+".running_var")
				pairs = append(pairs, [2]string{conv, kerasConv}, [2]string{norm, kerasNorm})
			}
			layer("conv1", "bn1", "conv1", "bn_conv1")
			layer("layer1.0.conv1", "layer1.0.bn1", "res2a_branch2a", "bn2a_branch2a")
			layer("layer1.0.conv2", "layer1.0.bn2", "res2a_branch2b", "bn2a_branch2b")
			layer("layer1.0.conv3", "layer1.0.bn3", "res2a_branch2c", "bn2a_branch2c")
			layer("layer1.0.downsample.0", "layer1.0.downsample.1", "res2a_branch1", "bn2a_branch1")
			layer("layer1.1.conv1", "layer1.1.bn1", "res2b_branch2a", "bn2b_branch2a")
			layer("layer1.1.conv2", "layer1.1.bn2", "res2b_branch2b", "bn2b_branch2b")
			layer("layer1.1.conv3", "layer1.1.bn3", "res2b_branch2c", "bn2b_branch2c")
			layer("layer2.0.conv1", "layer2.0.bn1", "res3a_branch2a", "bn3a_branch2a")
			layer("layer2.0.conv2", "layer2.0.bn2", "res3a_branch2b", "bn3a_branch2b")
			layer("layer2.0.conv3", "layer2.0.bn3", "res3a_branch2c", "bn3a_branch2c")
			layer("layer2.0.downsample.0", "layer2.0.downsample.1", "res3a_branch1", "bn3a_branch1")
			want = append(want, "fc.weight", "fc.bias")
			got := map[string]weights.Tensor{}
			var names []string
			for _, x := range tensors {
				names = append(names, x.Name)
				got[x.Name] = x
				if wide := x.DType == weights.F32; len(x.Shape) == 1 && !wide || len(x.Shape) > 1 && x.DType != dtype {
					t.Errorf("%s of shape %v is %s", x.Name, x.Shape, x.DType)
				}
			}
			if !slices.Equal(names, want) {
				t.Fatalf("names %q, want %q", names, want)
			}

			// Each value is where it belongs.
			round := func(v float32) float32 {
				if dtype == weights.F16 {
					return weights.Float16(weights.Float16bits(v))
				}
				return v
			}
			floats := func(name string) []float32 {
				v, err := got[name].AppendFloat32(nil)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			for i := 0; i < len(pairs); i += 2 {
				kernel := p.weights[pairs[i][1]+"/kernel"]
				h, w, in, out := kernel.Shape[0], kernel.Shape[1], kernel.Shape[2], kernel.Shape[3]
				name := pairs[i][0] + ".weight"
				if shape := []int{out, in, h, w}; !slices.Equal(got[name].Shape, shape) {
					t.Fatalf("%s has the shape %v, want %v", name, got[name].Shape, shape)
				}
				values := floats(name)
				for y := range h {
					for x := range w {
						for c := range in {
							for o := range out {
								a, b := values[((o*in+c)*h+y)*w+x], round(kernel.values[((y*w+x)*in+c)*out+o])
								if a != b {
									t.Fatalf("%s[%d,%d,%d,%d] = %v, want %v", name, o, c, y, x, a, b)
								}
							}
						}
					}
				}
				norm, kerasNorm := pairs[i+1][0], pairs[i+1][1]
				for to, from := range map[string]string{"weight": "gamma", "bias": "beta",
					"running_var": "moving_variance"} {
					if a, b := floats(norm+"."+to), p.weights[kerasNorm+"/"+from].values; !slices.Equal(a, b) {
						t.Errorf("%s.%s = %v, want %v", norm, to, a, b)
					}
				}
				mean, bias := p.weights[kerasNorm+"/moving_mean"].values, p.weights[pairs[i][1]+"/bias"].values
				for o, v := range floats(norm + ".running_mean") {
					if v != mean[o]-bias[o] {
						t.Errorf("%s.running_mean[%d] = %v, want %v − %v", norm, o, v, mean[o], bias[o])
					}
				}
			}
			dense, kernel := floats("fc.weight"), p.weights["fc1000/kernel"]
			for i := range 10 {
				for o := range 5 {
					if dense[o*10+i] != round(kernel.values[i*5+o]) {
						t.Errorf("fc.weight[%d,%d] = %v, want %v", o, i, dense[o*10+i], kernel.values[i*5+o])
					}
				}
			}
			if !slices.Equal(got["fc.weight"].Shape, []int{5, 10}) ||
				!slices.Equal(floats("fc.bias"), p.weights["fc1000/bias"].values) {
				t.Error("fc has a wrong shape or bias")
			}
		})
	}
}

// TestConvertFoldsTheBias computes one layer in both forms: Keras's convolution with a bias and its norm, and the
// converted convolution without one and its norm. The real package cannot show this, because nearly all of its biases
// are zero.
func TestConvertFoldsTheBias(t *testing.T) {
	const eps, h, w, in, out = 1e-3, 7, 5, 3, 4
	p := tinyPackage()
	for i, v := range p.weights["bn_conv1/moving_variance"].values {
		p.weights["bn_conv1/moving_variance"].values[i] = v*v + 0.1
	}
	tarball := p.tarball()
	_, tensors, err := tinyNetwork(tarball).convert(t.Context(), npmtest.WriteTarball(t, tarball), weights.F32)
	if err != nil {
		t.Fatal(err)
	}
	torch := map[string][]float32{}
	for _, x := range tensors[:5] {
		if torch[x.Name], err = x.AppendFloat32(nil); err != nil {
			t.Fatal(err)
		}
	}
	keras := func(name string) []float32 { return p.weights[name].values }
	norm := func(x, gamma, beta, mean, variance float32) float64 {
		return float64(gamma)*(float64(x)-float64(mean))/math.Sqrt(float64(variance)+eps) + float64(beta)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	picture := make([]float32, h*w*in) // for one position of the kernel
	for i := range picture {
		picture[i] = rng.Float32()
	}
	for o := range out {
		var x, y float32
		for p := range h * w {
			for c := range in {
				x += picture[p*in+c] * keras("conv1/kernel")[(p*in+c)*out+o]
				y += picture[p*in+c] * torch["conv1.weight"][(o*in+c)*h*w+p]
			}
		}
		a := norm(x+keras("conv1/bias")[o], keras("bn_conv1/gamma")[o], keras("bn_conv1/beta")[o],
			keras("bn_conv1/moving_mean")[o], keras("bn_conv1/moving_variance")[o])
		b := norm(y, torch["bn1.weight"][o], torch["bn1.bias"][o], torch["bn1.running_mean"][o],
			torch["bn1.running_var"][o])
		// Both sums are equal; x + b and m − b each round once, by 2^-24 of at most 8. Dividing by √0.1 or more
		// multiplies that by at most 3.2.
		if math.Abs(a-b) > 2*8*0x1p-24*3.2 {
			t.Errorf("channel %d: Keras %v, converted %v", o, a, b)
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*kerasPackage)
		want   string
	}{
		{"a weight is missing", func(p *kerasPackage) { delete(p.weights, "res2a_branch2b/bias") },
			`no weights "res2a_branch2b/bias"`},
		{"a weight too many", func(p *kerasPackage) {
			p.weights["res9z/kernel"] = &kerasWeight{"res9z/kernel", []int{1}, "float32", []float32{1}}
		}, "no place for the weights res9z/kernel"},
		{"a kernel of three dimensions", func(p *kerasPackage) { p.weights["conv1/kernel"].Shape = []int{7, 15, 4} },
			`"conv1/kernel" have the shape [7 15 4]`},
		{"channels that do not match", func(p *kerasPackage) {
			p.weights["bn_conv1/beta"].Shape = []int{3}
			p.weights["bn_conv1/beta"].values = make([]float32, 3)
		}, "conv1 and bn_conv1 do not have the kernel's 4 channels"},
		{"classes that do not match", func(p *kerasPackage) {
			p.weights["fc1000/bias"].Shape = []int{6}
			p.weights["fc1000/bias"].values = make([]float32, 6)
		}, "fc1000 does not have the kernel's 5 classes"},
		{"another type", func(p *kerasPackage) { p.weights["conv1/bias"].Dtype = "int32" },
			`"conv1/bias" are not plain float32`},
		{"a shape beyond the shards", func(p *kerasPackage) {
			p.weights["res3a_branch2c/kernel"].Shape = []int{1, 1, 6,
				math.MaxInt}
		}, "do not fit"},
		{"a shape that wraps", func(p *kerasPackage) {
			p.weights["conv1/kernel"].Shape = []int{math.MaxInt, math.MaxInt,
				1, 1}
		}, "do not fit"},
		{"a negative shape", func(p *kerasPackage) { p.weights["conv1/kernel"].Shape = []int{-7, -5, 3, 4} },
			"do not fit"},
		{"bytes too many", func(p *kerasPackage) { p.extra = make([]byte, 3) }, "3 bytes of the shards"},
		{"a shard is missing",
			func(p *kerasPackage) { p.files["package/ResNet50/group1-shard2.bin"] = nil; p.files["x"] = nil },
			`no shard "group1-shard2.bin"`},
		{"no model.json", func(p *kerasPackage) { p.files["package/ResNet50/model.json"] = nil },
			"model.json is not readable"},
		{"model.json cut short", func(p *kerasPackage) { p.files["package/ResNet50/model.json"] = []byte(`{"weights`) },
			"model.json is not readable"},
		{"no labels", func(p *kerasPackage) { p.files["package/assets/labels.json"] = nil }, "labels are not readable"},
		{"a label is missing", func(p *kerasPackage) { delete(p.labels, "2") }, "no entry for class 2"},
		{"an empty label", func(p *kerasPackage) { p.labels["2"] = "" }, "label 2"},
		{"an infinite weight", func(p *kerasPackage) { p.weights["fc1000/bias"].values[3] = float32(math.Inf(1)) },
			`tensor "fc.bias" holds +Inf at index 3`},
		{"a weight beyond float16", func(p *kerasPackage) { p.weights["fc1000/kernel"].values[0] = 70000 },
			`tensor "fc.weight" holds 70000 at index 0`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := tinyPackage()
			c.change(p)
			tarball := p.tarball()
			_, _, err := tinyNetwork(tarball).convert(t.Context(), npmtest.WriteTarball(t, tarball), weights.F16)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
