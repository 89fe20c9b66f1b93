//go:build !js

package transfer_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/seed8935e608/residua/resnet/transfer"
)

// features stands for resnet.Model.Forward: it gives what a network sees in picture i of a class.
func features(class, i int) []float32 {
	r := rand.New(rand.NewPCG(uint64(1000*class+i), 1))
	x := make([]float32, 16)
	for j := range x {
		x[j] = float32(max(0, r.NormFloat64()))
	}
	x[class] += 4 // which makes the classes easy to tell apart
	return x
}

// From pictures' features to a classifier, and to an honest judgement of it.
func Example() {
	names := []string{"cat", "dog", "hen"}
	pictures := transfer.Examples{D: 16, Classes: len(names)}
	var items []transfer.Item
	for class, name := range names {
		for i := range 20 {
			pictures.X = append(pictures.X, features(class, i)...)
			pictures.Labels = append(pictures.Labels, class)
			items = append(items, transfer.Item{ID: fmt.Sprintf("%s%d.jpg", name, i), Label: class})
		}
	}
	train, validation := pictures.Sides(transfer.Split(items, 0.25, 1))

	head, err := transfer.TrainHead(context.Background(), train, validation, transfer.HeadOptions{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	head.Threshold = transfer.LearnThreshold(pictures, 0.95)

	confusion := transfer.NewConfusion(validation.Labels, head.Answers(validation.X), len(names))
	a := confusion.Accuracy()
	fmt.Printf("accuracy %d of %d, between %.0f and %.0f %%\n", a.K, a.N, 100*a.Low, 100*a.High)

	x := features(1, 99)
	probabilities := head.Probabilities(head.Logits(x))
	fmt.Printf("a new dog: %s, more than 90 %% sure: %t\n", names[head.Answers(x)[0]], probabilities[1] > 0.9)
	fmt.Println("something else:", head.Answers(features(7, 0))[0] == transfer.None)
	// Output:
	// accuracy 15 of 15, between 80 and 100 %
	// a new dog: dog, more than 90 % sure: true
	// something else: true
}

// Was fine-tuning worth it? The two methods answer the same test pictures.
func ExampleCompareMethods() {
	labels := make([]int, 200) // all of class 0
	frozen, tuned := make([]int, 200), make([]int, 200)
	for i := range 70 {
		frozen[i] = 1
	}
	for i := range 45 {
		tuned[i+8] = 1
	}
	c := transfer.CompareMethods(labels, frozen, tuned)
	fmt.Printf("%.1f %% instead of %.1f %%: %+.1f, between %+.1f and %+.1f: it %s\n", 100*c.Other.Mid, 100*c.Base.Mid, 100*c.Difference, 100*c.Low, 100*c.High, c.Verdict)
	// Output:
	// 77.5 % instead of 65.0 %: +12.5, between +8.0 and +17.0: it helps
}

// Training can be stopped after any step, and goes on where it was.
func ExampleHeadTrainer() {
	pictures := transfer.Examples{D: 16, Classes: 2}
	for i := range 10 {
		pictures.X = append(pictures.X, features(i%2, i)...)
		pictures.Labels = append(pictures.Labels, i%2)
	}
	trainer, err := transfer.NewHeadTrainer(pictures, transfer.Examples{}, transfer.HeadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = trainer.Run(ctx, func(s transfer.HeadStep) {
		if s.Iteration == 2 {
			cancel()
		}
	})
	fmt.Println(err, trainer.Done(), trainer.Head() != nil)
	fmt.Println(trainer.Run(context.Background(), nil), trainer.Done())
	// Output:
	// context canceled false true
	// <nil> true
}
