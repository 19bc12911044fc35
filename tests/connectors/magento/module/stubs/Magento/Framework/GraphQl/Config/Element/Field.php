<?php

namespace Magento\Framework\GraphQl\Config\Element;

class Field
{
}
