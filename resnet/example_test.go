package resnet_test

import (
	"fmt"

	"github.com/seed8935e608/residua/resnet"
)

// file and picture stand for a model's file and for a picture that package imageio has prepared.
var (
	file    []byte
	picture []float32
)

func ExampleModel_Forward() {
	model, err := resnet.Load(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	result := model.Forward(picture, func(block int, p resnet.Parts) {
		x, f, _ := p.Norms()
		fmt.Printf("block %d adds a change of %.0f %%\n", block, 100*f/x)
	})
	for _, best := range model.Top(result.Logits, 5) {
		fmt.Println(model.Label(best.Index), best.Probability)
	}
}

// A record answers one question after the other about a picture.
func ExampleRecord() {
	model, err := resnet.Load(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	record := model.NewRecord()
	record.Forward(picture, nil)
	best := model.Top(record.Logits, 1)[0].Index

	where, _ := record.GradCAM(best, 15, resnet.SourceF)
	fmt.Println("what the last block adds speaks for it most at", where.Values)

	without, _ := record.Sweep(best, nil)
	fmt.Println("its probability without F of each block", without)

	changed, _ := record.Ablate(map[int]resnet.Part{3: resnet.Residual, 4: resnet.Shortcut})
	fmt.Println("and without some parts", model.Top(changed.Logits, 5))
}
