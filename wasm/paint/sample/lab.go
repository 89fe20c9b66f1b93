package sample

import (
	"fmt"
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// LabSteps is the number of steps of the sample's run in the Skip lab.
const LabSteps = 200

// labBlocks is the residual blocks in each stage of a network of the lab: 56 layers, or 20.
var labBlocks = []int{9, 9, 3, 3}

// Lab is up to four networks: residual and plain, of 56 layers and of 20.
func Lab(networks int) *proto.ViewLab {
	m := new(proto.ViewLab)
	for k, name := range []string{"ResNet-56", "Plain 56", "ResNet-20", "Plain 20"}[:networks] {
		n := proto.ViewLabNetwork{Name: name, Layers: []string{"conv1"}}
		for stage := range 3 {
			for b := range labBlocks[k] {
				for c := range 2 {
					n.Layers = append(n.Layers, fmt.Sprintf("layer%d.%d.conv%d", stage+1, b, c+1))
				}
			}
		}
		n.Layers = append(n.Layers, "fc")
		m.Networks = append(m.Networks, n)
	}
	return m
}

// layersAt is a network's numbers at a step: the plain ones' gradients explode or vanish towards the input, the
// residual ones' do not. Network 3's last fifth is no number.
func layersAt(lab *proto.ViewLab, network, step int) proto.ViewLayers {
	n := len(lab.Networks[network].Layers)
	plain := network%2 == 1
	settled := 1 - math.Exp(-float64(step)/60)
	var l proto.ViewLayers
	for i := range n {
		depth := float64(i) / float64(n-1)
		jitter := 0.12 * wave(i, network) * (1 + 0.6*wave(step, network))
		activation := 0.1 + 0.35*math.Sqrt(depth*float64(n)/8) + jitter
		gradient := -3 + 0.9*(1-depth) - 0.8*settled + jitter
		if plain {
			activation = 0.25 - 0.02*float64(i)*(1-0.8*settled) + jitter
			gradient = -3 + 3.4*(1-depth)*(1-1.3*settled) + jitter
			if network == 3 {
				gradient = -3 - 4.5*(1-depth) + jitter
			}
		}
		if network == 3 && step > 4*LabSteps/5 {
			activation, gradient = math.NaN(), math.Inf(1)
		}
		power := func(e float64) float32 { return float32(math.Pow(10, e)) }
		l.Activations = append(l.Activations, power(activation))
		l.OutputGradients = append(l.OutputGradients, power(gradient))
		l.WeightGradients = append(l.WeightGradients, power(gradient+2+activation))
	}
	return l
}

// LabSignal is the networks' numbers before training.
func LabSignal(lab *proto.ViewLab) *proto.ViewSignal {
	m := new(proto.ViewSignal)
	for k := range lab.Networks {
		m.Networks = append(m.Networks, layersAt(lab, k, 0))
	}
	return m
}

// LabStep is the numbers of a step.
func LabStep(lab *proto.ViewLab, step int) *proto.ViewStep {
	m := &proto.ViewStep{Step: step}
	for k := range lab.Networks {
		m.Networks = append(m.Networks, layersAt(lab, k, step))
	}
	return m
}

// LabLandscape is a bowl for a residual network, and chaotic hills for a plain one, some of them endless.
func LabLandscape(network int) *proto.ViewLandscape {
	const side = 25
	m := &proto.ViewLandscape{Network: network, Side: side, Span: 1}
	for y := range side {
		for x := range side {
			u, v := 2*float64(x)/(side-1)-1, 2*float64(y)/(side-1)-1
			loss := 0.06 + 2.4*(u*u+0.7*v*v) + 0.35*u*v
			if network%2 == 1 {
				hills := math.Sin(3.1*u+2*v) + math.Sin(4.3*v-1.7*u) + 0.6*math.Sin(9*u)*math.Sin(8*v)
				loss = 1.4 * math.Exp(1.1*hills*min(1, 2.2*math.Hypot(u, v))+1.1*(u*u+v*v))
			}
			if network == 3 && u+v > 1.7 {
				loss = math.Inf(1)
			}
			m.Losses = append(m.Losses, float32(loss))
		}
	}
	return m
}

// LabPaths is the paths of a residual network of the lab.
func LabPaths(network int) *proto.ViewPaths {
	n := 3 * labBlocks[network]
	m := &proto.ViewPaths{Network: network}
	count := 1.0
	for k := range n + 1 {
		m.Lengths = append(m.Lengths, uint32(k))
		m.Counts = append(m.Counts, float32(count))
		m.Gradients = append(m.Gradients, float32(0.02*math.Exp(-0.62*float64(k)+0.2*wave(k, network))))
		count = count * float64(n-k) / float64(k+1)
	}
	return m
}
